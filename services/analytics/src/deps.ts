import type { BaseDeps } from '@recado/service';
import type { Config } from './config.ts';
import type { Announcer } from './realtime/announce.ts';

export interface Deps extends BaseDeps<Config> {
  announcer: Announcer;
}

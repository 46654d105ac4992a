import type { BaseDeps } from '@recado/service';
import type { Config } from './config.ts';
import type { TimerLoop } from './timers/loop.ts';

export interface Deps extends BaseDeps<Config> {
  timers: TimerLoop;
}

import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startIdentity } from './service.ts';

await runMain('identity', () => startIdentity(loadConfig(configSchema)));

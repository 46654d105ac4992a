import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startScheduler } from './service.ts';

await runMain('scheduler', () => startScheduler(loadConfig(configSchema)));

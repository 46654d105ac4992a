import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startAnalytics } from './service.ts';

await runMain('analytics', () => startAnalytics(loadConfig(configSchema)));

import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startChannelConnector } from './service.ts';

await runMain('channel-connector', () => startChannelConnector(loadConfig(configSchema)));

import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startConversation } from './service.ts';

await runMain('conversation', () => startConversation(loadConfig(configSchema)));

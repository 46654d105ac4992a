import { loadConfig, runMain } from '@recado/service-kit';
import { configSchema } from './config.ts';
import { startAiResponder } from './service.ts';

await runMain('ai-responder', () => startAiResponder(loadConfig(configSchema)));

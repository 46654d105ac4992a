import { runMain } from '@recado/service-kit';
import { readConfig } from './config.ts';
import { startGateway } from './service.ts';

await runMain('gateway', () => startGateway(readConfig()));

import { runMain } from '@recado/service-kit';
import { readConfig } from './config.ts';
import { startGateway } from './start.ts';

await runMain('gateway', () => startGateway(readConfig()));

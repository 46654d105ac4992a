import { Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll } from 'vitest';
import { failOnLeftovers } from './leftovers.ts';
import './fast-imports.ts';

// The setup file of the unit level. One file, because Node compiles it again for each test file.
failOnLeftovers();

// The level takes under 5 s because it waits for no server.
const { listen } = Server.prototype;
beforeAll(() => {
  Server.prototype.listen = () => {
    throw new Error('The unit level has no servers: this test belongs into a folder test/, the service level.');
  };
});
afterAll(() => {
  Server.prototype.listen = listen;
});

// The night tries each property on many more values.
fc.configureGlobal({ numRuns: Number(process.env.RECADO_PROPERTY_RUNS ?? 50) });

import { Server } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

// A setup file of the unit level, which takes under 5 s because it waits for no server.
const { listen } = Server.prototype;
beforeAll(() => {
  Server.prototype.listen = () => {
    throw new Error('The unit level has no servers: this test belongs into a folder test/, the service level.');
  };
});
afterAll(() => {
  Server.prototype.listen = listen;
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { uuidv7 } from '@recado/contracts';
import { Unauthorized, Unavailable } from '@recado/service-kit';
import { testLogger } from '@recado/testkit';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Principal } from '../src/auth/verify-token.ts';
import { dialects } from '../src/realtime/dialects.ts';
import { createHub } from '../src/realtime/hub/hub.ts';
import { createHandshakeLimiter } from '../src/realtime/sockets/handshake-limiter.ts';
import { leaveSockets, startSocketServer } from '../src/realtime/sockets/socket-server.ts';
import type { SocketSlots } from '../src/realtime/sockets/socket-slots.ts';

const server = createServer();
const nothing = async () => new Map();
const handshakeLimits = { perMinute: 1_000, perAddress: 100, total: 100 };
const slots: Pick<SocketSlots, 'take'> = { take: async () => () => {} };
let failures: Error[] = [];
let url: string;
let sockets: ReturnType<typeof startSocketServer>;

beforeAll(async () => {
  const tenantId = uuidv7();
  const caller = { tenantId, userId: uuidv7(), role: 'agent', permissions: [], edition: 'inbox', service: 'gateway' };
  const principal = {
    caller,
    edition: 'inbox',
    sessionId: uuidv7(),
    expiresAt: Date.now() + 60_000,
  } as unknown as Principal;
  sockets = startSocketServer({
    server,
    log: testLogger('socket-server'),
    verifyToken: async () => {
      const failure = failures.shift();
      if (failure) throw failure;
      return principal;
    },
    origins: [],
    hub: createHub({
      dialects,
      lookups: { users: nothing, channels: nothing, campaigns: nothing, conversations: nothing },
    }),
    slots: { take: (holder) => slots.take(holder) },
    handshakes: createHandshakeLimiter(() => '127.0.0.1', handshakeLimits),
    dialectOf: (session) => dialects[session.edition],
    resume: async (session) => session.send('session:ready', { eventId: 'a-1', resumed: false }),
    maySee: async () => false,
    markRead: async () => {},
    typing: { join() {}, leave() {}, has: () => false, tell() {}, forget() {} },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => sockets?.close());

const connect = () =>
  io(url, { transports: ['websocket'], auth: { token: 'x' }, reconnectionDelay: 20, reconnectionDelayMax: 50 });

it('reconnects by itself when its token could not be checked', async () => {
  failures = [new Unavailable('identity'), new Error('away')];
  const socket = connect();
  const ready = await new Promise((resolve) => socket.on('session:ready', resolve));
  expect(ready).toEqual({ eventId: 'a-1', resumed: false });
  expect(failures).toEqual([]);
  socket.close();
});

it('is refused for good with an invalid token', async () => {
  failures = [new Unauthorized()];
  const socket = connect();
  const error = await new Promise<Error>((resolve) => socket.on('connect_error', resolve));
  expect(error.message).toBe('unauthorized');
  expect(socket.active).toBe(false);
  socket.close();
});

it('reconnects by itself when its gateway stops, as in an upgrade', async () => {
  const socket = connect();
  await new Promise((resolve) => socket.once('session:ready', resolve));
  const again = new Promise((resolve) => socket.once('session:ready', resolve));
  const reason = new Promise((resolve) => socket.once('disconnect', resolve));
  leaveSockets(sockets);
  expect(await reason).toBe('transport close');
  expect(socket.active).toBe(true);
  await again;
  socket.close();
});

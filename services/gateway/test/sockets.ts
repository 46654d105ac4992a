import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Edition } from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { testBus, testLogger } from '@recado/testkit';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { until } from '../../../tests/support/api.ts';
import { attachRealtime, type Realtime } from '../src/realtime/attach.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

export type Heard = [name: string, payload: Record<string, unknown>];

/** A client of any dialect. */
export interface TestSocket {
  heard: Heard[];
  /** Where it started: of `session:ready` or `session:resync`. */
  ready: Record<string, unknown>;
  say(name: string, payload?: unknown): void;
  /**
   * Resolves when everything that was sent to it before has arrived: its next event is answered
   * after that.
   */
  settle(): Promise<void>;
  /** Resolves with the reason when the server ends it. */
  closed: Promise<string>;
  close(): void;
}

/** A gateway that listens, with realtime, on a bus of the tests. */
export interface SocketGateway {
  gateway: TestGateway;
  realtime: Realtime;
  bus: Bus;
  /** `127.0.0.1:<port>` */
  host: string;
  stop(): Promise<void>;
}

export async function startSocketGateway(env: Record<string, string> = {}): Promise<SocketGateway> {
  const { url } = await testBus();
  const gateway = await startTestGateway({ NATS_URL: url, ...env });
  const bus = await connectBus({ url, name: 'test', log: testLogger() });
  for (const stream of ['conversation', 'channel-connector', 'identity'] as const) await bus.ensureStream(stream);
  const realtime = attachRealtime(gateway.app, gateway.deps);
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  await until('events to be heard', async () =>
    realtime.ready.realtime!().then(
      () => true,
      () => null,
    ),
  );
  const host = `127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}`;
  return {
    gateway,
    realtime,
    bus,
    host,
    async stop() {
      await realtime.stop();
      await bus.close();
      await gateway.close();
    },
  };
}

/**
 * Connects in the dialect of an edition and waits until the session has begun. Rejects with what
 * refuses it.
 */
export function connectSocket(
  host: string,
  edition: Edition,
  token: string,
  { userId = '', lastEventId }: { userId?: string; lastEventId?: unknown } = {},
): Promise<TestSocket> {
  return edition === 'scheduler'
    ? connectWebSocket(host, token, userId, lastEventId)
    : connectSocketIo(host, token, lastEventId);
}

async function connectSocketIo(host: string, token: string, lastEventId: unknown): Promise<TestSocket> {
  const socket = io(`http://${host}`, { transports: ['websocket'], auth: { token, lastEventId }, reconnection: false });
  const client = createClient((name, payload) => socket.emit(name, payload));
  const closed = new Promise<string>((resolve) => socket.once('disconnect', resolve));
  socket.onAny((name: string, payload: Record<string, unknown>) => client.hear(name, payload));
  const refused = new Promise<never>((_, reject) => socket.once('connect_error', reject));
  const ready = await Promise.race([client.begun, refused]);
  return { ...client, ready, closed, close: () => socket.disconnect() };
}

async function connectWebSocket(
  host: string,
  token: string,
  userId: string,
  lastEventId: unknown,
): Promise<TestSocket> {
  const socket = new WebSocket(`ws://${host}/scheduler/ws/${userId}`);
  const client = createClient((type, payload) => socket.send(JSON.stringify({ type, ...(payload as object) })));
  const closed = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`);
  socket.on('message', (data) => {
    const { type, last_event_id: eventId, ...payload } = JSON.parse(String(data)) as Record<string, unknown>;
    client.hear(String(type), { ...payload, eventId });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'auth', token, last_event_id: lastEventId }));
  const refused = closed.then((reason) => Promise.reject(new Error(reason)));
  refused.catch(() => {});
  const ready = await Promise.race([client.begun, refused]);
  return { ...client, ready, closed, close: () => socket.terminate() };
}

function createClient(say: (name: string, payload?: unknown) => void) {
  const heard: Heard[] = [];
  const answers = new Map<string, () => void>();
  let count = 0;
  let begin: (payload: Record<string, unknown>) => void = () => {};
  const begun = new Promise<Record<string, unknown>>((resolve) => {
    begin = resolve;
  });
  return {
    heard,
    begun,
    say,
    hear(name: string, payload: Record<string, unknown>) {
      if (/^session[:_](ready|resync)$/.test(name)) begin({ ...payload, name });
      const answered = name === 'error' ? answers.get(String(payload.event)) : undefined;
      if (answered) answered();
      else heard.push([name, payload]);
    },
    settle: () =>
      new Promise<void>((resolve) => {
        const name = `settle-${++count}`;
        answers.set(name, resolve);
        say(name, {});
      }),
  };
}

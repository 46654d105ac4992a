import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface RedisProxy {
  url: string;
  /** Ends all connections and takes no more, as a server that is down. */
  cut(): void;
  /** Passes nothing on any more, as a server that hangs. */
  hang(): void;
  /** As before. */
  mend(): void;
  close(): Promise<void>;
}

/** A Redis that a test may take away: TCP passed on to the real one. */
export async function startRedisProxy(target: string): Promise<RedisProxy> {
  const to = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  let state: 'well' | 'cut' | 'hung' = 'well';
  const server = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const redis = connect(Number(to.port), to.hostname);
    const pair: [Socket, Socket] = [client, redis];
    pairs.add(pair);
    client.on('data', (bytes) => void (state === 'well' && redis.write(bytes)));
    redis.on('data', (bytes) => void (state === 'well' && client.write(bytes)));
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const end = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    url: url.href,
    cut() {
      state = 'cut';
      end();
    },
    hang() {
      state = 'hung';
    },
    mend() {
      // What was lost while it hung is not made up for: such a connection is of no use.
      if (state === 'hung') end();
      state = 'well';
    },
    async close() {
      end();
      server.close();
      await once(server, 'close');
    },
  };
}

import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

// Below 32768, where the system picks outgoing ports. A restarted server must find its port free,
// and there a client could get that very port and connect to itself.
const LOWEST = 20_000;
/** Processes that start together choose in different ranges: a port is used later. */
const RANGE = 500;
const RANGES = 24;
/** The last ones that this process was given, which may not be in use yet. */
const given = new Set<number>();
const REMEMBERED = 100;

/**
 * A free TCP port.
 * @param host address it will be used on
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const first = LOWEST + (process.pid % RANGES) * RANGE;
  for (;;) {
    const port = randomInt(first, first + RANGE);
    if (given.has(port)) continue;
    given.add(port);
    if (given.size > REMEMBERED) given.delete(given.values().next().value!);
    if (!(await portTaken(port, host))) return port;
  }
}

/** Several free ports, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** True when something listens on the port already (or we may not listen there). */
export function portTaken(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    // EADDRNOTAVAIL, EAFNOSUPPORT: the machine has no such address, so the port is free.
    probe.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT'),
    );
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

/**
 * Opens a TCP connection, writes `send` and resolves with what came back as soon as `done` accepts
 * it. Rejects on refusal or after `timeoutMs`.
 */
export function exchange(
  at: { host: string; port: number },
  send: string,
  done: (received: string) => boolean,
  timeoutMs = 1000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(at.port, at.host);
    const finish = (error: Error | null) => {
      socket.destroy();
      if (error) reject(error);
      else resolve(received);
    };
    socket.setTimeout(timeoutMs, () => finish(new Error(`no answer within ${timeoutMs} ms`)));
    socket.once('error', finish);
    socket.once('close', () => finish(new Error(`closed after "${received.slice(0, 80)}"`)));
    socket.once('connect', () => send && socket.write(send));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (done(received)) finish(null);
    });
  });
}

import net from 'node:net';

/** What one load run saw. Times in milliseconds. */
export interface LoadResult {
  /** Answers by HTTP status; 0 counts connections that broke. */
  statuses: Record<number, number>;
  answered: number;
  /** Answers with status 200 to 299 a second, over the whole run. */
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
  seconds: number;
}

export interface LoadOptions {
  host: string;
  port: number;
  connections: number;
  /** The complete bytes of the next request, or null when there is none left. */
  next: () => Buffer | null;
  /** Stop sending after so many seconds; answers under way are awaited. */
  seconds: number;
  /** Requests a second over all connections; as fast as answers come when absent. */
  rate?: number;
}

/**
 * A cheap load generator: raw sockets, one request in flight on each, requests made beforehand.
 * With `rate`, a request counts from when it was due, also if no connection was free.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const latencies: number[] = [];
  const statuses: Record<number, number> = {};
  const started = performance.now();
  const deadline = started + options.seconds * 1000;
  let issued = 0;
  const due = () => (options.rate ? started + (issued / options.rate) * 1000 : performance.now());

  const connection = () =>
    new Promise<void>((resolve) => {
      const socket = net.connect({ host: options.host, port: options.port, noDelay: true });
      let buffered = Buffer.alloc(0);
      let sentAt = 0;
      const finish = () => {
        socket.destroy();
        resolve();
      };
      const send = () => {
        const at = due();
        if (at >= deadline) return finish();
        const wait = at - performance.now();
        issued++;
        const request = options.next();
        if (!request) return finish();
        const write = () => {
          sentAt = options.rate ? at : performance.now();
          socket.write(request);
        };
        if (wait > 1) setTimeout(write, wait);
        else write();
      };
      socket.on('connect', send);
      socket.on('data', (chunk) => {
        buffered = buffered.length ? Buffer.concat([buffered, chunk]) : chunk;
        const end = responseEnd(buffered);
        if (end === null) return;
        const status = Number(buffered.toString('latin1', 9, 12));
        statuses[status] = (statuses[status] ?? 0) + 1;
        latencies.push(performance.now() - sentAt);
        buffered = buffered.subarray(end);
        send();
      });
      socket.on('error', () => {
        statuses[0] = (statuses[0] ?? 0) + 1;
        finish();
      });
      socket.on('close', finish);
    });

  await Promise.all(Array.from({ length: options.connections }, connection));
  const seconds = (performance.now() - started) / 1000;
  const good = Object.entries(statuses).reduce((sum, [status, n]) => (status.startsWith('2') ? sum + n : sum), 0);
  return { statuses, answered: latencies.length, perSecond: good / seconds, seconds, ...quantiles(latencies) };
}

/** Median, 99th percentile and maximum of some milliseconds. */
export function quantiles(values: number[]): { p50: number; p99: number; max: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/**
 * Where the first HTTP/1.1 answer in the bytes ends, or null while it is incomplete. Content-Length
 * answers only.
 */
function responseEnd(bytes: Buffer): number | null {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return null;
  const length = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head));
  const end = head + 4 + (length ? Number(length[1]) : 0);
  return bytes.length >= end ? end : null;
}

/** The bytes of one HTTP/1.1 request on a kept connection. */
export function requestBytes(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`),
  ];
  if (method !== 'GET') lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

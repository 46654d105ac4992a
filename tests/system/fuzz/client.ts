import { connect, type Socket } from 'node:net';

/** What came back over the wire; `status` 0 when nothing did. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** `closed`: the server hung up; `silent`: it said nothing in time. */
  end: 'answered' | 'closed' | 'silent';
}

export interface RawRequest {
  /** The whole request as it goes over the wire. */
  bytes: Buffer;
  /** A HEAD answers without the body it announces. */
  head: boolean;
  /** Its framing may upset a connection: it gets one of its own, and no more is written on it. */
  alone: boolean;
}

/**
 * Sends bytes as they are: no library would send what is sent here. One request at a time on one
 * kept-alive connection.
 */
export function createRawClient(port: number, { silentAfterMs = 10_000 } = {}) {
  let kept: Socket | null = null;

  async function attempt({ bytes, head }: RawRequest, socket: Socket): Promise<RawAnswer> {
    return new Promise((resolve) => {
      let received: Buffer = Buffer.alloc(0);
      const timer = setTimeout(() => finish({ status: 0, headers: {}, body: '', end: 'silent' }), silentAfterMs);
      const finish = (answer: RawAnswer) => {
        clearTimeout(timer);
        socket.off('data', onData).off('close', onClose).off('error', onError);
        resolve(answer);
      };
      const onData = (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const parsed = parseAnswer(received, head, false);
        if (parsed) finish(parsed);
      };
      const onClose = () =>
        finish(parseAnswer(received, head, true) ?? { status: 0, headers: {}, body: '', end: 'closed' });
      // 'close' follows. A reset may come after the answer, while we still write.
      const onError = () => undefined;
      socket.on('data', onData).on('close', onClose).on('error', onError);
      socket.write(bytes);
    });
  }

  function open(): Socket {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => undefined);
    return socket;
  }

  return {
    async send(request: RawRequest): Promise<RawAnswer> {
      if (request.alone) {
        const socket = open();
        const answer = await attempt(request, socket);
        socket.destroy();
        return answer;
      }
      const reused = kept !== null && !kept.destroyed;
      let socket = reused ? kept! : open();
      kept = null;
      let answer = await attempt(request, socket);
      if (answer.end === 'closed' && reused) {
        // A kept connection may have been closed between two requests: that says nothing about this
        // one.
        socket = open();
        answer = await attempt(request, socket);
      }
      if (answer.end === 'answered' && answer.headers.connection?.toLowerCase() !== 'close' && !socket.destroyed)
        kept = socket;
      else socket.destroy();
      return answer;
    },
    close: () => kept?.destroy(),
  };
}

/** The answer in these bytes when it is whole. Interim ones (100, 103) are passed over. */
function parseAnswer(bytes: Buffer, head: boolean, ended: boolean): RawAnswer | null {
  const split = bytes.indexOf('\r\n\r\n');
  if (split < 0) return null;
  const [line = '', ...lines] = bytes.toString('latin1', 0, split).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1] ?? 0);
  const rest = bytes.subarray(split + 4);
  if (status >= 100 && status < 200 && status !== 101) return parseAnswer(rest, head, ended);
  const headers: Record<string, string> = {};
  for (const one of lines) {
    const colon = one.indexOf(':');
    if (colon > 0) headers[one.slice(0, colon).toLowerCase()] = one.slice(colon + 1).trim();
  }
  const answer = (body: string): RawAnswer => ({ status, headers, body, end: 'answered' });
  if (head || status === 204 || status === 304 || status === 101) return answer('');
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') {
    const body = dechunk(rest);
    return body === null ? null : answer(body);
  }
  if (headers['content-length'] === undefined) return ended ? answer(rest.toString()) : null;
  const length = Number(headers['content-length']);
  return rest.length >= length ? answer(rest.toString('utf8', 0, length)) : null;
}

function dechunk(bytes: Buffer): string | null {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (size === 0) return bytes.indexOf('\r\n\r\n', at) < 0 ? null : Buffer.concat(parts).toString();
    if (bytes.length < end + 2 + size + 2) return null;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

import type { IncomingMessage } from 'node:http';

/** More than this of a refused body is not read: its sender finds the connection closed. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_MS = 3_000;

/**
 * Reads the rest of an unwanted body, up to a bound. Closing a connection over unread bytes resets
 * it, and the client sees a broken pipe instead of the 413.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = MAX_BYTES;
    const done = () => {
      clearTimeout(timer);
      request.off('data', count).off('end', done).off('close', done);
      resolve();
    };
    const count = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done();
    };
    const timer = setTimeout(done, MAX_MS);
    request.on('data', count).once('end', done).once('close', done).resume();
  });
}

import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Counter, Gauge, type Registry, TooManyRequests } from '@recado/service-kit';

export interface Uploads {
  /**
   * Counts a body that is being read against its address and the whole, until it ends. Where there
   * is no room the oldest slow upload is ended with 408. @throws TooManyRequests when none is slow
   */
  begin(request: IncomingMessage, address: string): void;
  /**
   * The same for a file, which takes little memory and may be slow, but not stand still.
   * @throws TooManyRequests when the address, or all, send too many at once
   */
  beginFile(request: IncomingMessage, address: string): void;
  stats(): { bytes: number; uploads: number };
}

export interface UploadsOptions {
  registry: Registry;
  /** Of all bodies under way. */
  maxBytes: number;
  maxBytesPerAddress: number;
  clock?: () => number;
}

/** An upload younger than this is not slow. */
const SLOW_MS = 2_000;
/** What a body without a Content-Length counts as, and a longer one: no more than this is read. */
const MAX_BODY = 3 * 1024 * 1024;

/** A client that takes longer to send a body is holding a socket, no more. */
const BODY_MS = 30_000;
/** Files under way at once. */
const MAX_FILES = 128;
const MAX_FILES_PER_ADDRESS = 16;
/** A file of which no byte came for so long is ended. */
const STILL_MS = 30_000;

/** What Node itself answers a request that takes too long. */
const TOO_SLOW = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

interface Upload {
  address: string;
  bytes: number;
  at: number;
  socket: Socket;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Bounds the memory of bodies that are not complete: 400 slow uploads of 1 MB took 545 MB for 90 s.
 */
export function createUploads(options: UploadsOptions): Uploads {
  const { registry, maxBytes, maxBytesPerAddress, clock = () => performance.now() } = options;
  /** Oldest first. */
  const uploads = new Set<Upload>();
  const perAddress = new Map<string, { bytes: number; uploads: Set<Upload> }>();
  let total = 0;
  const ended = new Counter({
    name: 'recado_slow_uploads_ended_total',
    help: 'Uploads ended with 408 because others needed their room',
    registers: [registry],
  });
  new Gauge({
    name: 'recado_upload_bytes',
    help: 'Declared bytes of bodies that are being read',
    registers: [registry],
    collect() {
      this.set(total);
    },
  });

  function remove(upload: Upload): void {
    if (!uploads.delete(upload)) return;
    total -= upload.bytes;
    const own = perAddress.get(upload.address)!;
    own.bytes -= upload.bytes;
    own.uploads.delete(upload);
    clearTimeout(upload.timer);
    if (own.uploads.size === 0) perAddress.delete(upload.address);
  }

  /** Ends the oldest of some uploads if it is slow. */
  function endSlowest(of: Set<Upload> | undefined): boolean {
    const oldest = of?.values().next().value;
    if (!oldest || clock() - oldest.at < SLOW_MS) return false;
    end(oldest);
    return true;
  }

  function end(upload: Upload): void {
    remove(upload);
    ended.inc();
    endSlow(upload.socket);
  }

  return {
    begin(request, address) {
      const bytes = declaredBytes(request);
      if (bytes === 0 || request.complete) return;
      while ((perAddress.get(address)?.bytes ?? 0) + bytes > maxBytesPerAddress) {
        if (!endSlowest(perAddress.get(address)?.uploads)) throw new TooManyRequests(1);
      }
      while (total + bytes > maxBytes) if (!endSlowest(uploads)) throw new TooManyRequests(1);
      const upload: Upload = { address, bytes, at: clock(), socket: request.socket, timer: undefined };
      upload.timer = setTimeout(() => end(upload), BODY_MS).unref();
      uploads.add(upload);
      total += bytes;
      const own = perAddress.get(address) ?? { bytes: 0, uploads: new Set<Upload>() };
      own.bytes += bytes;
      own.uploads.add(upload);
      perAddress.set(address, own);
      request.once('end', () => remove(upload)).once('close', () => remove(upload));
    },
    beginFile: createFileWatch(() => ended.inc()),
    stats: () => ({ bytes: total, uploads: uploads.size }),
  };
}

function endSlow(socket: Socket): void {
  // Of an injected request there is no connection to end.
  if (socket instanceof Socket) socket.end(TOO_SLOW, () => socket.destroy());
}

/** Counts files that are being sent, and ends those that stand still. */
function createFileWatch(onEnded: () => void): Uploads['beginFile'] {
  const perAddress = new Map<string, number>();
  let all = 0;
  return (request, address) => {
    const own = perAddress.get(address) ?? 0;
    if (all >= MAX_FILES || own >= MAX_FILES_PER_ADDRESS) throw new TooManyRequests(1);
    all++;
    perAddress.set(address, own + 1);
    const { socket } = request;
    let seen = -1;
    const timer = setInterval(() => {
      if (socket.bytesRead !== seen) {
        seen = socket.bytesRead;
        return;
      }
      onEnded();
      endSlow(socket);
    }, STILL_MS).unref();
    const done = () => {
      clearInterval(timer);
      request.off('end', done).off('close', done);
      all--;
      const left = perAddress.get(address)! - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    };
    request.once('end', done).once('close', done);
  };
}

function declaredBytes({ headers }: IncomingMessage): number {
  if (headers['transfer-encoding'] !== undefined) return MAX_BODY;
  const length = Number(headers['content-length'] ?? 0);
  return Number.isFinite(length) ? Math.min(MAX_BODY, Math.max(0, length)) : MAX_BODY;
}

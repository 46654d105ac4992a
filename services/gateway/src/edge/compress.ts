import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addVary } from './headers.ts';

/** Below it the answer fits into a few packets anyway. */
const MIN_LENGTH = 4096;
/** Beyond it the event loop is not held up; below, the thread pool costs more than the work. */
const MAX_SYNC = 64 * 1024;
const TYPES = /^(?:application\/(?:[\w.-]+\+)?json|text\/(?:html|css|csv|plain|javascript))\b/;

/**
 * The cheapest levels: 24 KB of rows become 3.3 KB in 60 to 90 µs. The next ones take twice the
 * time for a tenth less. The window is 256 KB; brotli's own is 4 MB.
 */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 } };
const GZIP = { level: 1 };

const CODECS = {
  br: {
    sync: (text: string) => brotliCompressSync(text, BROTLI),
    later: (text: string, done: Done) => brotliCompress(text, BROTLI, done),
  },
  gzip: {
    sync: (text: string) => gzipSync(text, GZIP),
    later: (text: string, done: Done) => gzip(text, GZIP, done),
  },
};
type Done = (error: Error | null, packed: Buffer) => void;

/**
 * Compresses long texts of a scope's answers for clients that take it. Streams and files are left
 * alone.
 */
export function useCompression(scope: FastifyInstance): void {
  scope.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < MIN_LENGTH || !isText(reply)) return done(null, payload);
    addVary(reply, 'Accept-Encoding');
    const encoding = acceptedEncoding(request);
    if (encoding === null) return done(null, payload);
    const finish: Done = (error, packed) => {
      if (error) return done(null, payload);
      reply.header('content-encoding', encoding).removeHeader('content-length');
      done(null, packed);
    };
    if (payload.length <= MAX_SYNC) finish(null, CODECS[encoding].sync(payload));
    else CODECS[encoding].later(payload, finish);
  });
}

function isText(reply: FastifyReply): boolean {
  return !reply.hasHeader('content-encoding') && TYPES.test(String(reply.getHeader('content-type') ?? ''));
}

/** Brotli before gzip; what is named with `q=0` is not taken. */
export function acceptedEncoding(request: Pick<FastifyRequest, 'headers'>): keyof typeof CODECS | null {
  const given = request.headers['accept-encoding'];
  if (typeof given !== 'string') return null;
  const taken = new Set(
    given
      .toLowerCase()
      .split(',')
      .map((part) => part.trim().split(/\s*;\s*/))
      .filter(([, quality]) => quality === undefined || Number(quality.replace('q=', '')) !== 0)
      .map(([name]) => name),
  );
  return taken.has('br') ? 'br' : taken.has('gzip') ? 'gzip' : null;
}

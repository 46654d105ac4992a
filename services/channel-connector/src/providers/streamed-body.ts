import { Readable } from 'node:stream';
import type { OutboundFile } from './outbound-file.ts';

/** A request's body that is never whole in memory. */
export interface StreamedBody {
  /** Bytes. */
  length: number;
  /** Rejects when its file cannot be read: then nothing was sent. */
  open(): Promise<OpenBody>;
}

export interface OpenBody {
  stream: Readable;
  /** Its last byte may be on its way. */
  isWhole(): boolean;
}

/** What stands before and after a file, and the file as its bytes or as base64. */
export function streamFile(
  file: OutboundFile,
  { before, after, base64 = false }: { before: string; after: string; base64?: boolean },
): StreamedBody {
  const [head, tail] = [Buffer.from(before), Buffer.from(after)];
  const length = base64 ? Math.ceil(file.size / 3) * 4 : file.size;
  return {
    length: head.length + length + tail.length,
    async open() {
      const content = await file.open();
      let whole = false;
      const pieces = piecesOf(head, content, file.size, base64);
      async function* all() {
        yield* pieces;
        whole = true;
        yield tail;
      }
      return { stream: Readable.from(all(), { objectMode: false }), isWhole: () => whole };
    },
  };
}

async function* piecesOf(head: Buffer, content: Readable, size: number, base64: boolean) {
  try {
    yield head;
    let seen = 0;
    let rest = Buffer.alloc(0);
    for await (const chunk of content as AsyncIterable<Buffer>) {
      seen += chunk.length;
      if (seen > size) break;
      if (!base64) {
        yield chunk;
        continue;
      }
      // Base64 goes by three bytes.
      const whole = Buffer.concat([rest, chunk]);
      const end = whole.length - (whole.length % 3);
      rest = whole.subarray(end);
      if (end > 0) yield Buffer.from(whole.toString('base64', 0, end));
    }
    if (seen !== size) throw new Error(`The file has ${seen} bytes instead of ${size}`);
    if (rest.length > 0) yield Buffer.from(rest.toString('base64'));
  } finally {
    content.destroy();
  }
}

/** The field of a JSON body in whose place a file is written. */
const PLACE = '@recado-file@';

/** A JSON body with a file as base64 in its field `name`. */
export function jsonWithFile(body: object, name: string, file: OutboundFile, prefix = ''): StreamedBody {
  const [before, after] = JSON.stringify({ ...body, [name]: PLACE }).split(`"${PLACE}"`);
  return streamFile(file, { before: `${before}"${prefix}`, after: `"${after}`, base64: true });
}

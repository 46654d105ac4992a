import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkSignature, type S3Keys } from './signature.ts';

export interface S3Sandbox {
  url: string;
  bucket: string;
  keys: S3Keys;
  /** Keys of what is stored. */
  list(): string[];
  /** The next requests are answered 503 SlowDown. */
  slowDown(requests: number): void;
  stop(): Promise<void>;
}

interface StoredObject {
  data: Buffer;
  type: string;
}

/** S3's API for objects, path style: PUT, GET with a range, HEAD and DELETE, all signed. */
export async function startS3(): Promise<S3Sandbox> {
  const bucket = 'media';
  const keys = { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox/secret+key' };
  const objects = new Map<string, StoredObject>();
  let slow = 0;

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const refuse = (status: number, code: string) =>
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end(request.method === 'HEAD' ? '' : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    if (slow > 0) {
      slow--;
      return void refuse(503, 'SlowDown');
    }
    const wrong = checkSignature(request, keys, new Date());
    if (wrong) return void refuse(403, wrong);
    const [, first, ...rest] = new URL(request.url ?? '/', 'http://s3').pathname.split('/').map(decodeURIComponent);
    if (first !== bucket) return void refuse(404, 'NoSuchBucket');
    const key = rest.join('/');
    if (request.method === 'PUT') {
      objects.set(key, { data: body, type: request.headers['content-type'] ?? 'binary/octet-stream' });
      return void response.writeHead(200).end();
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      return void response.writeHead(204).end();
    }
    const found = objects.get(key);
    if (!found) return void refuse(404, 'NoSuchKey');
    sendObject(request, response, found);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    keys,
    list: () => [...objects.keys()],
    slowDown(requests) {
      slow = requests;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sendObject({ method, headers }: IncomingMessage, response: ServerResponse, { data, type }: StoredObject) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const [start, end] = [Number(from ?? 0), Math.min(to ? Number(to) : data.length - 1, data.length - 1)];
  const part = data.subarray(start, end + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-type': type,
    'content-length': part.length,
    ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${data.length}` }),
  });
  response.end(method === 'HEAD' ? undefined : part);
}

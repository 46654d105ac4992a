import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, request } from 'undici';
import { MissingObject, type Storage } from './storage.ts';

interface S3Keys {
  id: string;
  secret: string;
}

/** Milliseconds without a byte. */
const IDLE_MS = 30_000;
/** S3 answers 503 SlowDown when it is asked too fast. */
const TRIES = 3;
const PAUSE_MS = 200;

type Sent = { method: 'GET' | 'PUT' | 'DELETE' | 'HEAD'; headers?: Record<string, string>; file?: string };

/** Any server with S3's API. Paths, not host names, name the bucket: every server takes them. */
export function openBucket(url: URL, { id, secret }: S3Keys): Storage {
  const bucket = url.hostname;
  const prefix = decodeURIComponent(url.pathname).replace(/^\/|\/$/g, '');
  const region = url.searchParams.get('region') ?? 'us-east-1';
  const endpoint = (url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`).replace(/\/$/, '');
  const agent = new Agent({ connections: 32, headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS });
  const addressOf = (key: string) =>
    `${endpoint}/${bucket}/${[...prefix.split('/'), ...key.split('/')].filter(Boolean).map(encodeURIComponent).join('/')}`;

  async function send(key: string, { method, headers = {}, file }: Sent) {
    for (let tries = 1; ; tries++) {
      const signed = await new AwsV4Signer({
        method,
        url: addressOf(key),
        // The body is a stream: TLS keeps it whole, and our own digest is in the row.
        headers: { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        accessKeyId: id,
        secretAccessKey: secret,
        service: 's3',
        region,
      }).sign();
      const answer = await request(signed.url, {
        method,
        headers: { ...headers, ...Object.fromEntries(signed.headers) },
        body: file ? createReadStream(file) : null,
        dispatcher: agent,
      });
      if (answer.statusCode < 500 || tries === TRIES) return answer;
      await answer.body.dump();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** tries));
    }
  }

  async function mustEnd(key: string, sent: Sent, also: readonly number[] = []): Promise<void> {
    const { statusCode, body } = await send(key, sent);
    const text = await body.text();
    if (statusCode >= 300 && !also.includes(statusCode)) throw refusal(sent.method, statusCode, text);
  }

  return {
    spool: join(tmpdir(), 'recado-media'),
    async put(key, path, type) {
      const { size } = await stat(path);
      const headers = { 'content-length': String(size), 'content-type': type };
      await mustEnd(key, { method: 'PUT', file: path, headers });
    },
    async read(key, range): Promise<Readable> {
      const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const { statusCode, body } = await send(key, { method: 'GET', headers });
      if (statusCode === 200 || statusCode === 206) return body;
      const text = await body.text();
      throw statusCode === 404 ? new MissingObject(key) : refusal('GET', statusCode, text);
    },
    remove: (key) => mustEnd(key, { method: 'DELETE' }, [404]),
    // A bucket that is there and may be read; the first upload shows the rest.
    check: () => mustEnd('.recado', { method: 'HEAD' }, [404]),
    close: () => agent.close(),
  };
}

/** S3's own code says more than the status: NoSuchBucket, AccessDenied, SignatureDoesNotMatch. */
function refusal(method: string, status: number, text: string): Error {
  const code = /<Code>([\w.]{1,64})<\/Code>/.exec(text)?.[1];
  return new Error(`The storage answered ${status}${code ? ` ${code}` : ''} to ${method}`);
}

import { createHash, randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FILE_CONTENT_TYPE, FILE_NAME_HEADER, FILES_PATH } from '@recado/contracts';
import { internalToken } from '@recado/testkit';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callOnce } from '../src/providers/call.ts';
import type { OutboundFile } from '../src/providers/outbound-file.ts';
import { jsonWithFile } from '../src/providers/streamed-body.ts';
import { createFixture, type Fixture } from './support.ts';

const MB = 1024 * 1024;
const agent = new Agent();
let fixture: Fixture;
let server: Server;
/** What the server read of the last request. */
let got = { bytes: 0, sha256: '' };
beforeAll(async () => {
  fixture = await createFixture();
  server = createServer((request, response) => {
    const hash = createHash('sha256');
    got = { bytes: 0, sha256: '' };
    request.on('data', (chunk: Buffer) => {
      // A sender that holds the whole file would run ahead now.
      if (got.bytes === 0) {
        request.pause();
        setTimeout(() => request.resume(), 300);
      }
      got.bytes += chunk.length;
      ahead = Math.max(ahead, pulled - (got.bytes / 4) * 3);
      hash.update(chunk);
    });
    request.on('end', () => {
      got.sha256 = hash.digest('hex');
      response.end('{}');
    });
    request.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await fixture.stop();
  await agent.destroy();
  server.closeAllConnections();
  server.close();
});

/** Bytes that were read of files so far. */
let pulled = 0;
/** Of them, those that had not arrived, at most. */
let ahead = 0;

const CHUNK = Buffer.alloc(64 * 1024, 'Recado');

/** A file of this many bytes that are made as they are read. */
function fileOf(size: number, { missing = 0, fail = false } = {}): OutboundFile {
  async function* chunks() {
    for (let left = size - missing; left > 0; left -= 64 * 1024) {
      if (fail && left < size / 2) throw new Error('The disk is gone');
      const length = Math.min(left, CHUNK.length);
      pulled += length;
      yield CHUNK.subarray(0, length);
    }
  }
  const open = async () => Readable.from(chunks(), { objectMode: false });
  return { id: 'a', name: 'a.bin', type: 'application/pdf', size, providerFileId: null, open };
}

const post = (body: ReturnType<typeof jsonWithFile>) =>
  callOnce(agent, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    path: '/',
    method: 'POST',
    headers: {},
    body,
    timeoutMs: 60_000,
  });

describe('an upload', () => {
  test('of 100 MB is on the disk but for a part of it', async () => {
    const { port } = fixture.connector.app.server.address() as AddressInfo;
    const permissions = ['messages.read', 'messages.create'];
    const authorization = `Bearer ${internalToken({ tenantId: randomUUID(), role: 'admin', permissions })}`;
    const body = await fileOf(100 * MB).open();
    pulled = 0;
    ahead = 0;
    const spool = join(fixture.mediaDir, '.spool');
    const timer = setInterval(async () => {
      const read = pulled;
      for (const name of await readdir(spool).catch(() => [])) {
        const found = await stat(join(spool, name)).catch(() => null);
        if (found) ahead = Math.max(ahead, read - found.size);
      }
    }, 5);
    const answer = await request(`http://127.0.0.1:${port}${FILES_PATH}`, {
      method: 'POST',
      headers: { authorization, 'content-type': FILE_CONTENT_TYPE, [FILE_NAME_HEADER]: 'a.bin' },
      body,
      dispatcher: agent,
    }).finally(() => clearInterval(timer));
    expect(answer.statusCode).toBe(201);
    expect(await answer.body.json()).toMatchObject({ size: 100 * MB });
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(16 * MB);
  });
});

describe('a call with a file', () => {
  test('carries 100 MB as base64 and holds a part of it alone', async () => {
    pulled = 0;
    ahead = 0;
    const outcome = await post(jsonWithFile({ number: '1', caption: 'Á' }, 'media', fileOf(100 * MB)));
    expect(outcome).toMatchObject({ kind: 'answered', status: 200 });
    expect(got.bytes).toBeGreaterThan(133 * MB);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(16 * MB);
  });

  test.each([0, 1, 2, 3, 64 * 1024 + 1])('of %i bytes is the JSON that a server reads', async (size) => {
    const outcome = await post(jsonWithFile({ a: 1 }, 'media', fileOf(size), 'data:application/pdf;base64,'));
    expect(outcome).toMatchObject({ kind: 'answered' });
    const content = Buffer.concat(await (await fileOf(size).open()).toArray());
    const json = JSON.stringify({ a: 1, media: `data:application/pdf;base64,${content.toString('base64')}` });
    expect(got).toMatchObject({ bytes: json.length, sha256: createHash('sha256').update(json).digest('hex') });
  });

  test.each([
    ['ends too early', { missing: 1 }],
    ['breaks off', { fail: true }],
  ])('whose file %s was not sent', async (_title, fault) => {
    expect(await post(jsonWithFile({}, 'media', fileOf(2 * MB, fault)))).toMatchObject({ kind: 'not-sent' });
  });

  test('whose file cannot be opened was not sent', async () => {
    const file = { ...fileOf(10), open: () => Promise.reject(new Error('There is none')) };
    expect(await post(jsonWithFile({}, 'media', file))).toMatchObject({ kind: 'not-sent' });
  });
});

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { linkPhone } from '../../support/link-phone.ts';
import type {} from '../../support/system-setup.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { UNLIMITED } from '../../support/unlimited.ts';
import { type Beside, startBeside } from '../beside.ts';
import { sharedTestMesh } from '../shared-mesh.ts';

const MB = 1024 * 1024;
/** What a process may take more while it handles a file of 100 MB. */
const MORE = 50 * MB;
/** Garbage is no memory that is held. Left alone, V8 collects buffers after each 32 MB of them. */
const COLLECTING = ['--expose-gc', '--import', 'data:text/javascript,setInterval(()=>gc({type:"minor"}),20).unref()'];
/** In the mesh's own copy, with the flags of production, garbage comes on top. */
const MORE_WITH_GARBAGE = 90 * MB;
const CHUNK = Buffer.alloc(64 * 1024, 'Recado ');
const mesh = sharedTestMesh();
/** Files of any size go through copies that serve this test alone. */
let beside: Beside;
let tenant: TestTenant;
const [gatewayPid, connectorPid] = [() => beside.pids.gateway!, () => beside.pids['channel-connector']!];

beforeAll(async () => {
  beside = await startBeside(['gateway', 'channel-connector'], { env: UNLIMITED, nodeArgs: COLLECTING });
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
  // Code is compiled and pools are filled before anything is measured.
  const small = await upload(8 * MB);
  await download(small.file_path);
}, 120_000);
afterAll(async () => {
  await beside?.stop();
  await mesh.stop();
});

/** Bytes of memory that a process holds. */
function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** The most that each process held more than before, while something was done. */
async function riseOf(pids: readonly number[], work: () => Promise<unknown>): Promise<number[]> {
  const before = pids.map(memoryOf);
  const most = [...before];
  const look = () =>
    pids.forEach((pid, i) => {
      most[i] = Math.max(most[i]!, memoryOf(pid));
    });
  const timer = setInterval(look, 10);
  try {
    await work();
  } finally {
    clearInterval(timer);
    look();
  }
  return most.map((bytes, i) => bytes - before[i]!);
}

/** A form with a document of this size that is made as it is read. */
function documentForm(size: number) {
  const boundary = `form-${randomUUID()}`;
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\ncontent-type: application/pdf\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  async function* chunks() {
    yield Buffer.from(head);
    yield* contentOf(size);
    yield Buffer.from(tail);
  }
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + size + tail.length),
    },
    body: Readable.from(chunks(), { objectMode: false }),
  };
}

function* contentOf(size: number) {
  const start = Buffer.from('%PDF-1.4\n');
  yield start;
  for (let left = size - start.length; left > 0; left -= CHUNK.length) {
    yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
  }
}

function hashOf(size: number): string {
  const hash = createHash('sha256');
  for (const chunk of contentOf(size)) hash.update(chunk);
  return hash.digest('hex');
}

async function upload(size: number): Promise<{ id: string; file_path: string; size_bytes: number }> {
  const { headers, body } = documentForm(size);
  const answer = await request(`${beside.urls.gateway}/v1/files`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${tenant.crm}` },
    body,
    headersTimeout: 120_000,
  });
  expect(answer.statusCode).toBe(201);
  return (await answer.body.json()) as Awaited<ReturnType<typeof upload>>;
}

/** What a link gives, as it comes. */
async function download(link: string, headers: Record<string, string> = {}) {
  const { pathname, search } = new URL(link, 'http://gateway');
  const answer = await request(`${beside.urls.gateway}${pathname}${search}`, { headers });
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { status: answer.statusCode, bytes, sha256: hash.digest('hex') };
}

/** A customer writes, and an agent may answer there. */
async function chatOf(phone: string): Promise<string> {
  return until('the chat', async () => {
    const { data } = await must(
      call<{ data: { id: string }[] }>(mesh.gateway, 'GET', `/v1/chats?search=${phone}`, { token: tenant.crm }),
      200,
    );
    return data[0]?.id;
  });
}

async function send(chatId: string, fileId: string, text: string): Promise<void> {
  const body = { chat_id: chatId, message_type: 'document', media_file_id: fileId, content: text };
  const sent = await must(call<{ id: string }>(mesh.gateway, 'POST', '/v1/messages', { token: tenant.crm, body }), 201);
  await until('the document to be sent', async () => {
    const { status, error } = await must(
      call<{ status: string; error?: unknown }>(mesh.gateway, 'GET', `/v1/messages/${sent.id}`, { token: tenant.crm }),
      200,
    );
    if (status === 'failed') throw new Error(JSON.stringify(error));
    return status === 'pending' ? null : true;
  });
}

describe('a document of 100 MB', () => {
  const size = 100 * MB;
  let file: Awaited<ReturnType<typeof upload>>;

  test('is uploaded while gateway and connector hold a part of it', async () => {
    const rise = await riseOf([gatewayPid(), connectorPid()], async () => {
      file = await upload(size);
    });
    expect(file.size_bytes).toBe(size);
    console.log(
      expect.getState().currentTestName,
      rise.map((n) => Math.round(n / MB)),
    );
    for (const more of rise) expect(more).toBeLessThan(MORE);
  });

  test('is downloaded whole and in ranges, and again a part of it is held', async () => {
    const ranges = [
      [0, size - 1],
      [10 * MB, 90 * MB - 1],
    ] as const;
    const rise = await riseOf([gatewayPid(), connectorPid()], async () => {
      expect(await download(file.file_path)).toEqual({ status: 200, bytes: size, sha256: hashOf(size) });
      for (const [from, to] of ranges) {
        const { status, bytes } = await download(file.file_path, { range: `bytes=${from}-${to}` });
        expect([status, bytes]).toEqual([206, to - from + 1]);
      }
    });
    console.log(
      expect.getState().currentTestName,
      rise.map((n) => Math.round(n / MB)),
    );
    for (const more of rise) expect(more).toBeLessThan(MORE);
  });
});

describe.each([
  // wppconnect-server takes bodies of 50 MB: its base64 of 36 MB.
  ['meta', 100 * MB],
  ['evolution', 100 * MB],
  ['wppconnect', 36 * MB],
] as const)('a large document to a number of %s', (provider, size) => {
  test('goes out while each connector holds a part of it', async () => {
    const from = `55119777${String(Math.floor(Math.random() * 1e5)).padStart(5, '0')}`;
    if (provider === 'meta') {
      const { phoneNumberId } = tenant.number;
      await mesh.sandbox.customerSays({ phoneNumberId, from, name: 'Ana', text: 'Oi' });
    } else {
      const { session } = await linkPhone(mesh.gateway, mesh.sandbox, tenant.crm, provider);
      await session.says({ from, name: 'Ana', text: 'Oi' });
    }
    const chat = await chatOf(from);
    await send(chat, (await upload(MB)).id, 'small');
    const { id } = await upload(size);
    // Any copy may send it.
    const connectors = [connectorPid(), inject('mesh').pids['channel-connector']!];
    const rise = await riseOf(connectors, () => send(chat, id, 'large'));
    console.log(
      expect.getState().currentTestName,
      rise.map((n) => Math.round(n / MB)),
    );
    const [own, shared] = rise;
    expect(own).toBeLessThan(MORE);
    expect(shared).toBeLessThan(MORE_WITH_GARBAGE);
    const sent = await mesh.sandbox.ledgerMessages({ to: from });
    expect(sent).toHaveLength(2);
  });
});

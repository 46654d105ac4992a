import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { FILE_CONTENT_TYPE, FILE_NAME_HEADER, FILES_PATH, type StoredFile } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually, internalToken } from '@recado/testkit';
import type { InjectOptions } from 'fastify';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepFiles } from '../src/files/sweep.ts';
import { createFixture, eventsOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

interface Person {
  tenantId: string;
  userId?: string;
  role?: 'admin' | 'agent';
}

function ask({ tenantId, userId = randomUUID(), role = 'admin' }: Person, options: InjectOptions) {
  const permissions = ['messages.read', 'messages.create'];
  const authorization = `Bearer ${internalToken({ tenantId, userId, role, permissions })}`;
  return fixture.connector.app.inject({ ...options, headers: { authorization, ...options.headers } });
}

const post = (person: Person, name: string, payload: Buffer | string) =>
  ask(person, {
    method: 'POST',
    url: FILES_PATH,
    headers: { 'content-type': FILE_CONTENT_TYPE, [FILE_NAME_HEADER]: encodeURIComponent(name) },
    payload,
  });

async function upload(person: Person, name: string, content: Buffer | string): Promise<StoredFile> {
  const made = await post(person, name, content);
  expect(made.statusCode, made.body).toBe(201);
  const { id } = made.json<StoredFile>();
  const body = { relatedType: 'message', relatedId: '789' };
  const kept = await ask(person, { method: 'POST', url: `/files/${id}/confirm`, payload: body });
  expect(kept.statusCode, kept.body).toBe(200);
  return kept.json<StoredFile>();
}

const content = (person: Person, id: string, query = '', headers: Record<string, string> = {}) =>
  ask(person, { method: 'GET', url: `/files/${id}/content${query}`, headers });

/** Names in the storage that belong to a file. */
const storedOf = async (id: string) =>
  (await readdir(fixture.mediaDir, { recursive: true })).filter((name) => name.includes(id));

const jpeg = () =>
  sharp({ create: { width: 640, height: 480, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();

describe('an uploaded picture', () => {
  it('has the type of its content, its size in pixels and a thumbnail', async () => {
    const person = { tenantId: randomUUID(), userId: randomUUID() };
    const bytes = await jpeg();
    const file = await upload(person, '../año.html', bytes);
    expect(file).toMatchObject({
      name: 'año.html',
      type: 'image/jpeg',
      size: bytes.length,
      width: 640,
      height: 480,
      variants: ['original', 'thumbnail'],
      state: 'ready',
      relatedType: 'message',
      relatedId: '789',
      createdBy: person.userId,
    });
    const whole = await content(person, file.id);
    expect(whole.rawPayload.equals(bytes)).toBe(true);
    expect(whole.headers).toMatchObject({ 'content-type': 'image/jpeg', 'accept-ranges': 'bytes' });
    expect(whole.headers['content-disposition']).toMatch(/^inline; /);
    const small = await content(person, file.id, '?variant=thumbnail');
    expect(await sharp(small.rawPayload).metadata()).toMatchObject({ format: 'webp', width: 320, height: 240 });
    expect(await eventsOf(fixture, person.tenantId, 'audit.recorded')).toMatchObject([
      { action: 'file.create', entityId: file.id },
    ]);
  });

  it('that is broken is kept as it is', async () => {
    const person = { tenantId: randomUUID() };
    const file = await upload(person, 'a.jpg', (await jpeg()).subarray(0, 200));
    expect(file).toMatchObject({ type: 'image/jpeg', width: null, variants: ['original'] });
  });
});

describe('a download', () => {
  it('gives parts, and nothing to one who has it', async () => {
    const person = { tenantId: randomUUID() };
    const { id } = await upload(person, 'a.txt', '0123456789');
    const part = await content(person, id, '', { range: 'bytes=2-4' });
    expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    const beyond = await content(person, id, '', { range: 'bytes=10-' });
    expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, 'bytes */10']);
    const etag = String(part.headers.etag);
    expect((await content(person, id, '', { 'if-none-match': etag })).statusCode).toBe(304);
    const changed = await content(person, id, '', { range: 'bytes=2-4', 'if-range': '"other"' });
    expect([changed.statusCode, changed.body]).toEqual([200, '0123456789']);
  });

  it('of a page is an attachment that may run nothing', async () => {
    const person = { tenantId: randomUUID() };
    const { id } = await upload(person, 'a.png', '<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>');
    const { headers } = await content(person, id);
    expect(headers['content-type']).toBe('image/svg+xml');
    expect(headers['content-disposition']).toMatch(/^attachment; /);
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it('of another tenant’s file is a 404 like any unknown one, and so is all else', async () => {
    const [owner, stranger] = [{ tenantId: randomUUID() }, { tenantId: randomUUID() }];
    const { id } = await upload(owner, 'a.txt', 'secret');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/content'],
      ['DELETE', ''],
      ['POST', '/confirm'],
    ] as const) {
      const payload = method === 'POST' ? {} : undefined;
      const [theirs, unknown] = await Promise.all(
        [id, randomUUID()].map((one) => ask(stranger, { method, url: `/files/${one}${path}`, payload })),
      );
      expect([theirs!.statusCode, theirs!.body], `${method} ${path}`).toEqual([404, unknown!.body]);
    }
  });
});

describe('the plan’s room', () => {
  it('refuses what is beyond it, and is free again after an erasure', async () => {
    const person = { tenantId: randomUUID() };
    fixture.identity.tenants.set(person.tenantId, { plan: 'starter', timezone: 'America/Lima' });
    const { id } = await upload(person, 'a.txt', 'x'.repeat(1000));
    const used = () =>
      fixture.sql`select bytes::int from channel_connector.file_usage where tenant_id = ${person.tenantId}`;
    expect(await used()).toMatchObject([{ bytes: 1000 }]);
    await fixture.sql`
      update channel_connector.file_usage set bytes = ${5 * 1024 ** 3 - 10} where tenant_id = ${person.tenantId}`;
    const refused = await post(person, 'b.txt', 'x'.repeat(11));
    expect([refused.statusCode, refused.json().error.code]).toEqual([413, 'payload_too_large']);
    expect((await ask(person, { method: 'DELETE', url: `/files/${id}` })).statusCode).toBe(204);
    expect((await post(person, 'b.txt', 'x'.repeat(11))).statusCode).toBe(201);
  });
});

describe('erasing', () => {
  it('removes the bytes too; an agent erases only files of their own', async () => {
    const tenantId = randomUUID();
    const [one, other] = [randomUUID(), randomUUID()].map((userId) => ({ tenantId, userId, role: 'agent' as const }));
    const { id } = await upload(one!, 'a.jpg', await jpeg());
    expect(await storedOf(id)).toHaveLength(2);
    expect((await ask(other!, { method: 'DELETE', url: `/files/${id}` })).statusCode).toBe(403);
    expect((await ask(one!, { method: 'DELETE', url: `/files/${id}` })).statusCode).toBe(204);
    expect((await content(one!, id)).statusCode).toBe(404);
    await eventually(async () => expect(await storedOf(id)).toEqual([]));
  });

  it('sweeps an upload whose form never ended, and no other', async () => {
    const person = { tenantId: randomUUID() };
    const left = (await post(person, 'a.txt', 'abandoned')).json<StoredFile>();
    const fresh = (await post(person, 'b.txt', 'fresh')).json<StoredFile>();
    await withWorker(
      fixture.connector.deps.workerDb,
      (tx) => tx`update files set created_at = now() - interval '2 hours' where id = ${left.id}`,
    );
    await sweepFiles(fixture.connector.deps);
    await eventually(async () => expect(await storedOf(left.id)).toEqual([]));
    expect(await storedOf(fresh.id)).toHaveLength(1);
  });
});

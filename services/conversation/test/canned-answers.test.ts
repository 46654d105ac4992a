import { randomUUID } from 'node:crypto';
import { type CannedAnswer, connectorApi, type Message, type StoredFile, uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { sample } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetUsers } from '../src/forget-users.ts';
import type { RunningConversation } from '../src/service.ts';
import { type Desk, openDesk, problemsOf } from './desk.ts';
import { createFixture, type Fixture, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
let desk: Desk;
beforeAll(async () => {
  fixture = await createFixture('canned');
  service = await fixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  desk = await openDesk(fixture, service);
});

const make = async (payload: object, who = desk.boss) => {
  const made = await desk.ask<CannedAnswer>(who, 'POST', '/canned-answers', payload);
  expect(made).toMatchObject({ status: 201 });
  return made.body;
};
const list = async (query: string, who = desk.agent) =>
  (
    await desk.ask<{ items: CannedAnswer[]; total: number; nextCursor: string | null }>(
      who,
      'GET',
      `/canned-answers?${query}`,
    )
  ).body;
const shortcuts = async (query: string, who = desk.agent) => (await list(query, who)).items.map((one) => one.shortcut);

function addFile(tenantId = desk.tenantId): string {
  const id = uuidv7();
  const file = sample(connectorApi.getFile.responses[200]) as StoredFile;
  fixture.files.set(id, { ...file, id, tenantId, state: 'ready', type: 'image/jpeg', size: 10, variants: [] });
  return id;
}

describe('canned answers', () => {
  it('that are shared are read by all who write, and written by those who manage templates', async () => {
    const { id } = await make({ shortcut: 'Adiós', content: 'Hasta luego' });
    expect(await desk.ask(desk.agent, 'GET', `/canned-answers/${id}`)).toMatchObject({
      status: 200,
      body: { scope: 'shared', title: 'Adiós', usageCount: 0, createdBy: desk.boss.caller.userId },
    });
    const given = { scope: 'shared', shortcut: 'x', content: 'x' };
    expect((await desk.ask(desk.agent, 'POST', '/canned-answers', given)).status).toBe(403);
    expect((await desk.ask(desk.agent, 'PATCH', `/canned-answers/${id}`, { title: 'x' })).status).toBe(403);
    expect((await desk.ask(desk.agent, 'DELETE', `/canned-answers/${id}`)).status).toBe(403);
  });

  it('of a user are theirs alone, and a key has none', async () => {
    const { id } = await make({ scope: 'own', shortcut: 'mia', content: 'Hola' }, desk.agent);
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await desk.ask(desk.boss, method, `/canned-answers/${id}`)).status).toBe(404);
    }
    expect((await desk.ask(desk.boss, 'PATCH', `/canned-answers/${id}`, { title: 'x' })).status).toBe(404);
    expect([await shortcuts(''), await shortcuts('', desk.boss)]).toEqual([['mia'], []]);
    const key = person({ tenantId: desk.tenantId, userId: null, role: 'key', permissions: ['messages.create'] });
    const refused = await desk.ask(key, 'POST', '/canned-answers', { scope: 'own', shortcut: 'a', content: 'a' });
    expect(refused.status).toBe(403);
  });

  it('have a shortcut once, in any case and with any accents, among the shared and for each user', async () => {
    const { id } = await make({ shortcut: 'Información', content: 'a' });
    const again = await desk.ask(desk.boss, 'POST', '/canned-answers', { shortcut: 'INFORMACION', content: 'b' });
    expect([again.status, problemsOf(again)]).toEqual([409, ['shortcut duplicate']]);
    await make({ scope: 'own', shortcut: 'informacion', content: 'c' }, desk.agent);
    await make({ scope: 'own', shortcut: 'informacion', content: 'd' });
    const other = await make({ shortcut: 'otra', content: 'e' });
    const moved = await desk.ask(desk.boss, 'PATCH', `/canned-answers/${other.id}`, { shortcut: 'informacIÓN' });
    expect([moved.status, problemsOf(moved)]).toEqual([409, ['shortcut duplicate']]);
    const same = await desk.ask(desk.boss, 'PATCH', `/canned-answers/${id}`, { shortcut: 'informacion' });
    expect(same).toMatchObject({ status: 200, body: { shortcut: 'informacion' } });
  });

  it.each([
    [{ shortcut: 'dos palabras', content: 'x' }, 'shortcut custom'],
    [{ shortcut: 'a', content: 'Hola {{contact.nombre}}' }, 'content canned_variable'],
    [{ shortcut: 'a', content: 'Hola {{contact.name' }, 'content canned_variable'],
    [{ shortcut: 'a' }, 'content invalid_type'],
    [{ shortcut: 'a', content: '' }, 'content required'],
    [{ shortcut: 'a', content: '', media: { kind: 'image', fileId: randomUUID() } }, 'media.fileId unknown_file'],
    [{ shortcut: 'a', content: 'x', media: { kind: 'audio', fileId: randomUUID() } }, 'content canned_caption'],
    [{ shortcut: 'a', content: 'x'.repeat(4097) }, 'content too_big'],
  ])('%j is refused with its field', async (given, problem) => {
    const refused = await desk.ask(desk.boss, 'POST', '/canned-answers', given);
    expect(refused.status).toBe(422);
    expect(problemsOf(refused).map((one) => one.split(' ')[0])).toContain(problem.split(' ')[0]);
    expect((await list('')).total).toBe(0);
  });

  it('with the file of another tenant are refused', async () => {
    const media = { kind: 'image', fileId: addFile(randomUUID()) };
    const refused = await desk.ask(desk.boss, 'POST', '/canned-answers', { shortcut: 'a', content: '', media });
    expect(problemsOf(refused)).toEqual(['media.fileId unknown_file']);
  });

  it('are found by the beginning of their shortcut, and by their words, in order of use', async () => {
    await make({ shortcut: 'saludo', content: 'Buenos días', tags: ['Inicio'] });
    const often = await make({ shortcut: 'bienvenida', content: 'Le SALÚDA el equipo', category: 'Inicio' });
    await make({ shortcut: 'pago', content: 'Puede pagar así' });
    await fixture.admin.sql`update conversation.canned_answers set usage_count = 7 where id = ${often.id}`;
    expect(await shortcuts('')).toEqual(['bienvenida', 'pago', 'saludo']);
    expect(await shortcuts('search=/SÁL')).toEqual(['saludo']);
    expect(await shortcuts('search=salud')).toEqual(['saludo', 'bienvenida']);
    expect(await shortcuts('search=dias%20buenos')).toEqual(['saludo']);
    expect(await shortcuts(`search=${encodeURIComponent("%' or")}`)).toEqual([]);
    expect(await shortcuts('tag=inicio')).toEqual(['saludo']);
    expect(await shortcuts('category=INICIO')).toEqual(['bienvenida']);
    const first = await list('limit=2');
    const next = await list(`limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...next.items].map((one) => one.shortcut)).toEqual(['bienvenida', 'pago', 'saludo']);
    expect(next).toMatchObject({ total: 3, nextCursor: null });
  });

  it('of a removed user go with the user', async () => {
    await make({ scope: 'own', shortcut: 'mia', content: 'Hola' }, desk.agent);
    await make({ shortcut: 'de-todos', content: 'Hola' });
    const { tenantId } = desk;
    await withWorker(fixture.worker, (tx) => forgetUsers(tx, [{ tenantId, userId: desk.agent.caller.userId! }]));
    expect(await shortcuts('')).toEqual(['de-todos']);
  });
});

describe('a canned answer in a chat', () => {
  const CONTENT =
    '{{contact.first_name}}, le saluda {{agent.name}} de {{company.name}} por {{contact.custom.Plan}}: {{ask:Fecha}} {{contact.email|sin correo}}';

  it('is shown with its values, and with those that are missing', async () => {
    const chat = await desk.addChat({ customFields: { Plan: 12 } });
    const { id } = await make({ shortcut: 'cita', content: CONTENT });
    const url = `/conversations/${chat.id}/canned-answers/${id}/preview`;
    expect((await desk.ask(desk.agent, 'POST', url, {})).body).toEqual({
      content: 'Luz, le saluda Eva Gómez de n por 12: {{ask:Fecha}} sin correo',
      media: null,
      missing: [{ name: 'Fecha', isAsked: true, default: null }],
    });
    expect((await desk.ask(desk.agent, 'POST', url, { values: { Fecha: 'hoy' } })).body).toMatchObject({
      content: 'Luz, le saluda Eva Gómez de n por 12: hoy sin correo',
      missing: [],
    });
  });

  it('never reads the name of a customer as a variable', async () => {
    const chat = await desk.addChat({ name: '{{company.name}} $& {{ask:Fecha}}' });
    const { id } = await make({ shortcut: 'a', content: 'Hola {{contact.name}} {{ask:Fecha}}' });
    const url = `/conversations/${chat.id}/messages`;
    const sent = await desk.ask<{ message: Message }>(desk.agent, 'POST', url, {
      canned: { answerId: id, values: { Fecha: '{{contact.phone}}' } },
    });
    expect(sent.body.message.content).toBe('Hola {{company.name}} $& {{ask:Fecha}} {{contact.phone}}');
  });

  it('is sent and counted once, also under a repeated key', async () => {
    const chat = await desk.addChat();
    const { id } = await make({ shortcut: 'hola', content: 'Hola {{contact.name}}' });
    const send = () =>
      service.app.inject({
        method: 'POST',
        url: `/conversations/${chat.id}/messages`,
        headers: { ...desk.agent.headers, 'idempotency-key': 'k1' },
        payload: { canned: { answerId: id } },
      });
    const [first, second] = [await send(), await send()];
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json().message.id).toBe(first.json().message.id);
    expect(first.json().message).toMatchObject({ content: 'Hola Luz Vera', type: 'text' });
    expect((await list('')).items).toMatchObject([{ usageCount: 1, lastUsedAt: expect.any(String) }]);
  });

  it('without a value names it, and sends nothing', async () => {
    const chat = await desk.addChat();
    const { id } = await make({ shortcut: 'a', content: '{{ask:Fecha}} {{contact.email}}' });
    const refused = await desk.ask(desk.agent, 'POST', `/conversations/${chat.id}/messages`, {
      canned: { answerId: id, values: { Fecha: ' ' } },
    });
    expect([refused.status, problemsOf(refused)]).toEqual([
      422,
      ['values.Fecha required', 'values.contact.email required'],
    ]);
    expect((await list('')).items).toMatchObject([{ usageCount: 0 }]);
    expect(await fixture.outbox(desk.tenantId, 'message.requested')).toEqual([]);
  });

  it('with a file is a message of its kind with its words', async () => {
    const chat = await desk.addChat();
    const fileId = addFile();
    const { id } = await make({ shortcut: 'mapa', content: 'Para {{contact.name}}', media: { kind: 'image', fileId } });
    const sent = await desk.ask<{ message: Message }>(desk.agent, 'POST', `/conversations/${chat.id}/messages`, {
      canned: { answerId: id },
    });
    expect(sent.body).toMatchObject({
      message: { type: 'image', content: 'Para Luz Vera', details: { media: { fileId } } },
    });
  });

  it('of another tenant, or in the chat of another one, is a 404', async () => {
    const chat = await desk.addChat();
    const { id } = await make({ shortcut: 'a', content: 'Hola' });
    const stranger = await openDesk(fixture, service);
    const theirs = await stranger.addChat();
    const tries: [Desk, string][] = [
      [stranger, `/conversations/${theirs.id}/canned-answers/${id}/preview`],
      [desk, `/conversations/${theirs.id}/canned-answers/${id}/preview`],
      [stranger, `/conversations/${chat.id}/canned-answers/${id}/preview`],
    ];
    for (const [who, url] of tries) expect((await who.ask(who.boss, 'POST', url, {})).status).toBe(404);
    const sent = await stranger.ask(stranger.boss, 'POST', `/conversations/${theirs.id}/messages`, {
      canned: { answerId: id },
    });
    expect(sent.status).toBe(404);
  });
});

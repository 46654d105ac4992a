import { uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentedShape } from '../../../tests/support/documents.ts';
import { misfits } from '../../../tests/support/shape.ts';
import { scheduler } from '../src/editions/scheduler/edition.ts';
import { accessToken, type TokenChanges } from './access-token.ts';
import { contact, group, TAKEN_PHONE } from './fake-address-book.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.calls.length = 0;
  gateway.fakes.callers.length = 0;
});

const MISSING = '019aa000-0000-7000-8000-000000000000';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const send = (method: Method, path: string, payload?: object, token: TokenChanges = { aud: 'scheduler' }) =>
  gateway.app.inject({
    method,
    url: `/scheduler/api${path}`,
    headers: { authorization: `Bearer ${accessToken(gateway.fakes, token)}` },
    ...(payload === undefined ? {} : { payload }),
  });
const detail = async (answer: ReturnType<typeof send>) => (await answer).json().detail;

const page = (item: object) => ({ data: [item], pagination: { page: 1, limit: 20, total: 41, pages: 3 } });
const cases: [Method, string, object | undefined, number, unknown][] = [
  ['GET', '/groups', undefined, 200, page(documentedShape('scheduler', 'Grupo'))],
  ['POST', '/groups', { name: 'Clientes', description: 'VIP' }, 201, documentedShape('scheduler', 'Grupo')],
  ['GET', `/groups/${group.id}`, undefined, 200, documentedShape('scheduler', 'Grupo')],
  ['PUT', `/groups/${group.id}`, { name: 'Otro' }, 200, documentedShape('scheduler', 'Grupo')],
  ['DELETE', `/groups/${group.id}`, undefined, 204, null],
  ['GET', '/contacts?search=carla&is_active=true', undefined, 200, page(documentedShape('scheduler', 'Contacto'))],
  [
    'POST',
    '/contacts',
    { name: 'Carla', phone: '+1234567890', email: 'optional@email.com' },
    201,
    documentedShape('scheduler', 'Contacto'),
  ],
  ['PUT', `/contacts/${contact.id}`, { name: 'Carla' }, 200, documentedShape('scheduler', 'Contacto')],
  ['DELETE', `/contacts/${contact.id}`, undefined, 204, null],
  ['GET', `/groups/${group.id}/contacts`, undefined, 200, page(documentedShape('scheduler', 'Contacto'))],
  ['POST', `/groups/${group.id}/contacts`, { contact_ids: [contact.id] }, 201, { added: 1, contact_count: 25 }],
  ['DELETE', `/groups/${group.id}/contacts/${contact.id}`, undefined, 204, null],
];

describe('the document’s groups and contacts', () => {
  it.each(cases)('%s %s', async (method, path, payload, status, shape) => {
    const answer = await send(method, path, payload);
    expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
    if (status === 204) return expect(answer.body).toBe('');
    expect(misfits(shape, answer.json())).toEqual([]);
    const route = scheduler.routes
      .filter((it) => it.method === method)
      .find((it) => new RegExp(`^${it.path.replace(/:\w+/g, '[^/]+')}$`).test(`/api${path.split('?', 1)[0]}`));
    expect(route?.responses[status]?.safeParse(answer.json()).error).toBeUndefined();
  });

  it('are paged and filtered by the document’s names', async () => {
    const { pagination } = (await send('GET', '/groups?page=2&limit=10&search=vip')).json();
    expect(pagination).toEqual({ page: 2, limit: 10, total: 41, pages: 5, next_cursor: null });
    await send('GET', `/contacts?group_id=${group.id}&is_active=false&_=cache`);
    expect(gateway.fakes.calls).toEqual([
      'GET /groups?search=vip&page=2&limit=10',
      `GET /contacts?page=1&limit=20&isActive=false&groupId=${group.id}`,
    ]);
  });

  it.each([
    ['an unknown group', 'GET', `/groups/${MISSING}`, 'Grupo no encontrado'],
    ['what can be no group', 'GET', '/groups/x', 'Grupo no encontrado'],
    ['an unknown contact', 'DELETE', `/contacts/${MISSING}`, 'Contacto no encontrado'],
    ['what can be no contact', 'DELETE', '/contacts/123', 'Contacto no encontrado'],
    ['a contact that is not in it', 'DELETE', `/groups/${group.id}/contacts/${MISSING}`, 'Contacto no encontrado'],
    ['in it what can be no contact', 'DELETE', `/groups/${group.id}/contacts/9`, 'Contacto no encontrado'],
    ['of what can be no group', 'DELETE', `/groups/9/contacts/${contact.id}`, 'Grupo no encontrado'],
  ] as const)('%s is 404 in its words', async (_, method, path, words) => {
    const answer = await send(method, path);
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: words }]);
  });

  it('list every bad field in Spanish', async () => {
    const bad = { name: ' ', phone: '56912345678', email: 'nadie', is_active: 'sí', apodo: 'x' };
    const answer = await send('POST', '/contacts', bad);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().detail).toEqual([
      { field: 'name', message: 'No puede estar vacío' },
      { field: 'phone', message: 'El número de teléfono no es válido' },
      { field: 'email', message: 'El email no es válido' },
      { field: 'is_active', message: 'Debe ser verdadero o falso' },
      { field: 'apodo', message: 'Campo desconocido' },
    ]);
    const nothing = [{ field: 'body', message: 'Indica al menos un campo' }];
    expect(await detail(send('PUT', `/contacts/${contact.id}`, {}))).toEqual(nothing);
    expect(await detail(send('PUT', `/groups/${group.id}`, {}))).toEqual(nothing);
    expect(await detail(send('POST', '/groups', {}))).toEqual([
      { field: 'name', message: 'Este campo es obligatorio' },
    ]);
    expect(await detail(send('POST', `/groups/${group.id}/contacts`, { contact_ids: [] }))).toEqual([
      { field: 'contact_ids', message: 'Debe tener al menos 1 elemento' },
    ]);
  });

  it.each(['56912345678', '+0912345678', '+569 1234 5678', '+5691234567890123', '+', 'Carla'])(
    'take no phone but of the document’s pattern: %s',
    async (phone) => {
      expect((await send('POST', '/contacts', { name: 'Carla', phone })).statusCode).toBe(422);
      expect((await send('PUT', `/contacts/${contact.id}`, { phone })).statusCode).toBe(422);
      expect(gateway.fakes.calls).toEqual([]);
    },
  );

  it('name a refusal by their own fields: a taken phone, an unknown contact or group', async () => {
    const taken = [{ field: 'phone', message: 'Ya existe un contacto con este teléfono' }];
    for (const answer of [
      await send('POST', '/contacts', { name: 'Carla', phone: TAKEN_PHONE }),
      await send('PUT', `/contacts/${contact.id}`, { phone: TAKEN_PHONE }),
    ]) {
      expect([answer.statusCode, answer.json()]).toEqual([409, { detail: taken }]);
    }
    const unknown = await send('POST', `/groups/${group.id}/contacts`, { contact_ids: [contact.id, MISSING] });
    expect([unknown.statusCode, unknown.json()]).toEqual([
      422,
      { detail: [{ field: 'contact_ids.1', message: 'Contacto no encontrado' }] },
    ]);
    const grouped = { name: 'Carla', phone: '+1234567890', groups: [group.id] };
    expect((await send('POST', '/contacts', grouped)).json().groups).toEqual([group.id]);
    expect(await detail(send('POST', '/contacts', { ...grouped, groups: [group.id, MISSING] }))).toEqual([
      { field: 'groups.1', message: 'Grupo no encontrado' },
    ]);
  });

  it('are requested as this edition, with a token of any edition, so its rule holds', async () => {
    for (const aud of ['crm', 'saas', 'scheduler']) await send('GET', '/groups', undefined, { aud, role: 'agent' });
    expect(gateway.fakes.callers.map(({ edition, role }) => [edition, role])).toEqual(
      Array(3).fill(['scheduler', 'agent']),
    );
  });

  it('are refused without the permission', async () => {
    for (const [method, path, payload] of cases) {
      const token = {
        perms: method === 'GET' ? ['groups.manage', 'contacts.manage'] : ['groups.read', 'contacts.read'],
      };
      expect([path, (await send(method, path, payload, token)).statusCode]).toEqual([path, 403]);
    }
  });
});

describe('new groups', () => {
  let strict: TestGateway;
  beforeAll(async () => {
    strict = await startTestGateway({ RECADO_RATE_LIMIT_FACTOR: '1' });
  });
  afterAll(() => strict?.close());

  it('are limited to five a minute and user, without effect on other users and requests', async () => {
    // A test that counts must not be in two minutes.
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 5_000) await new Promise((done) => setTimeout(done, left + 100));
    const tid = uuidv7();
    const headersOf = (sub: string) => ({
      authorization: `Bearer ${accessToken(strict.fakes, { tid, sub, role: 'agent', aud: 'scheduler' })}`,
    });
    const url = '/scheduler/api/groups';
    const create = (sub: string) =>
      strict.app.inject({ method: 'POST', url, headers: headersOf(sub), payload: { name: 'Clientes' } });
    const [eva, leo] = [uuidv7(), uuidv7()];
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await create(eva)).statusCode);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    const refused = await create(eva);
    expect(refused.headers).toMatchObject({ 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '0' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.json()).toEqual({ detail: 'Demasiadas solicitudes. Intenta de nuevo más tarde' });
    expect((await create(leo)).statusCode).toBe(201);
    expect((await strict.app.inject({ url, headers: headersOf(eva) })).statusCode).toBe(200);
  });
});

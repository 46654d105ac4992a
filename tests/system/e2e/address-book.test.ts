import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must } from '../../support/api.ts';
import { documentedShape } from '../../support/documents.ts';
import { misfits } from '../../support/shape.ts';
import { type Beside, startBeside } from '../beside.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// The shared mesh, with a gateway that has the documented limits. In scheduler each user has their
// own groups and contacts.
let mesh: TestMesh;
let limited: Beside;
let gateway: string;
let admin: string;
let eva: string;
let leo: string;

const PASSWORD = 'Correct-horse-7';
const MISSING = '01890000-0000-7000-8000-000000000000';
const newEmail = () => `persona-${randomUUID()}@example.com`;

beforeAll(async () => {
  mesh = sharedTestMesh();
  limited = await startBeside(['gateway']);
  gateway = limited.urls.gateway!;
  const email = newEmail();
  const body = { email, password: PASSWORD, name: 'Ana Prueba', organizationName: `Empresa ${randomUUID()}` };
  const made = await must(
    call<{ data: { accessToken: string } }>(gateway, 'POST', '/api/v1/auth/register', { body }),
    201,
  );
  admin = await login(email);
  const user = async () => {
    const own = newEmail();
    const person = { email: own, password: PASSWORD, first_name: 'Eva', last_name: 'Gómez', role_id: 'agent' };
    await must(call(gateway, 'POST', '/v1/users', { token: made.data.accessToken, body: person }), 201);
    return login(own);
  };
  eva = await user();
  leo = await user();
});

afterAll(async () => {
  await limited?.stop();
  await mesh?.stop();
});

async function login(email: string): Promise<string> {
  const body = { email, password: PASSWORD };
  const answer = call<{ access_token: string }>(gateway, 'POST', '/scheduler/api/auth/login', { body });
  return (await must(answer, 200)).access_token;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const send = <T = Record<string, unknown>>(token: string, method: Method, path: string, body?: object) =>
  call<T>(gateway, method, `/scheduler/api${path}`, { token, ...(body ? { body } : {}) });
interface List {
  data: { id: string; groups?: string[] }[];
  pagination: { total: number };
}
const idsOf = async (token: string, path: string) => {
  const { data, pagination } = await must(send<List>(token, 'GET', path), 200);
  expect(pagination.total).toBe(data.length);
  return data.map(({ id }) => id);
};

describe('groups and contacts in scheduler', () => {
  it('belong to their creator: another user does not see them, and the admin sees all', async () => {
    const group = await must(
      send<{ id: string }>(eva, 'POST', '/groups', { name: 'Clientes', description: 'VIP' }),
      201,
    );
    expect(misfits(documentedShape('scheduler', 'Grupo'), group)).toEqual([]);
    const body = { name: 'Carla', phone: '+1234567890', email: 'optional@email.com' };
    const contact = await must(send<{ id: string }>(eva, 'POST', '/contacts', body), 201);
    expect(misfits(documentedShape('scheduler', 'Contacto'), contact)).toEqual([]);
    const members = `/groups/${group.id}/contacts`;
    expect(await must(send(eva, 'POST', members, { contact_ids: [contact.id] }), 201)).toEqual({
      added: 1,
      contact_count: 1,
    });

    for (const token of [eva, admin]) {
      expect(await idsOf(token, '/groups')).toEqual([group.id]);
      expect(await idsOf(token, '/contacts')).toEqual([contact.id]);
      expect(await idsOf(token, members)).toEqual([contact.id]);
      expect(await must(send(token, 'GET', `/groups/${group.id}`), 200)).toMatchObject({ contact_count: 1 });
    }
    expect(await idsOf(leo, '/groups')).toEqual([]);
    expect(await idsOf(leo, '/contacts')).toEqual([]);
    const asked: [Method, (group: string, contact: string) => string, object?][] = [
      ['GET', (g) => `/groups/${g}`],
      ['PUT', (g) => `/groups/${g}`, { name: 'Mío' }],
      ['DELETE', (g) => `/groups/${g}`],
      ['GET', (g) => `/groups/${g}/contacts`],
      ['POST', (g) => `/groups/${g}/contacts`, { contact_ids: [contact.id] }],
      ['DELETE', (g, c) => `/groups/${g}/contacts/${c}`],
      ['PUT', (_, c) => `/contacts/${c}`, { name: 'Mía' }],
      ['DELETE', (_, c) => `/contacts/${c}`],
    ];
    for (const [method, path, body] of asked) {
      const theirs = await send(leo, method, path(group.id, contact.id), body);
      const missing = await send(leo, method, path(MISSING, MISSING), body);
      expect([method, path('', ''), theirs.status, theirs.text]).toEqual([method, path('', ''), 404, missing.text]);
    }
    const taken = await send(leo, 'POST', '/contacts', { name: 'Otra', phone: body.phone });
    expect([taken.status, taken.text]).toEqual([409, expect.stringContaining('"field":"phone"')]);

    const renamed = await must(send(admin, 'PUT', `/groups/${group.id}`, { name: 'De todos' }), 200);
    expect(await must(send(eva, 'GET', `/groups/${group.id}`), 200)).toEqual(renamed);
    expect((await send(eva, 'DELETE', `/contacts/${contact.id}`)).status).toBe(204);
    expect(await idsOf(admin, members)).toEqual([]);
    expect((await send(admin, 'DELETE', `/groups/${group.id}`)).status).toBe(204);
    expect(await idsOf(eva, '/groups')).toEqual([]);
  });

  it('are limited to five new groups a minute for each user', async () => {
    // Counted by the calendar's minute: not in two of them.
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 10_000) await new Promise((done) => setTimeout(done, left + 200));
    const create = (token: string) => send(token, 'POST', '/groups', { name: 'Clientes' });
    // Leo, who has made none yet.
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await create(leo));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429]);
    expect(answers[5]!.text).toBe(JSON.stringify({ detail: 'Demasiadas solicitudes. Intenta de nuevo más tarde' }));
    expect((await create(admin)).status).toBe(201);
    expect(await idsOf(leo, '/groups')).toHaveLength(5);
  });
});

import { permissionsOf } from '@recado/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('custom_fields');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const admin = () => person({ edition: 'crm', role: 'admin', permissions: permissionsOf('admin') });
const ask = (who: Person, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const define = (who: Person, given: object) => ask(who, 'POST', '/custom-fields', given);
const PHONE = '+573001234567';
const withFields = (who: Person, customFields: object) =>
  ask(who, 'POST', '/contacts', { name: 'Ana', phone: PHONE, customFields });

it('a defined field takes its type alone, and the refusal names it', async () => {
  const who = admin();
  expect((await define(who, { key: 'sedes', type: 'number' })).json()).toMatchObject({ label: 'sedes', options: [] });
  await define(who, { key: 'rubro', label: 'Rubro', type: 'option', options: ['salud', 'retail'] });
  const refused = await withFields(who, { sedes: 'tres', rubro: 'otro', libre: 'x' });
  expect(refused.statusCode).toBe(422);
  expect(refused.json().error.details).toMatchObject([
    { field: 'customFields.sedes', code: 'invalid_type' },
    { field: 'customFields.rubro', code: 'invalid_value', params: { values: ['salud', 'retail'] } },
  ]);
  const made = (await withFields(who, { sedes: 3, rubro: 'salud', libre: 'x' })).json();
  expect(made.customFields).toEqual({ sedes: 3, rubro: 'salud', libre: 'x' });
  const wrong = await ask(who, 'PUT', `/contacts/${made.id}`, { customFields: { sedes: true } });
  expect(wrong.json().error.details).toMatchObject([{ field: 'customFields.sedes' }]);
  const changed = await ask(who, 'PUT', `/contacts/${made.id}`, { customFields: { sedes: null, libre: 7 } });
  expect(changed.json().customFields).toEqual({ rubro: 'salud', libre: 7 });
});

it('keys are unique for a tenant, key and type stay, and options belong to one type', async () => {
  const who = admin();
  const { id } = (await define(who, { key: 'sedes', type: 'number' })).json();
  const again = await define(who, { key: 'sedes', type: 'text' });
  expect([again.statusCode, again.json().error.details]).toMatchObject([409, [{ field: 'key' }]]);
  expect((await define(admin(), { key: 'sedes', type: 'text' })).statusCode).toBe(201);
  expect((await define(who, { key: 'rubro', type: 'option' })).json().error.details).toMatchObject([
    { field: 'options' },
  ]);
  expect((await define(who, { key: 'nota', type: 'text', options: ['x'] })).json().error.details).toMatchObject([
    { field: 'options', code: 'unknown' },
  ]);
  const twice = await define(who, { key: 'rubro', type: 'option', options: ['salud', 'retail', 'salud'] });
  expect(twice.json().error.details).toMatchObject([{ field: 'options.2', code: 'duplicate' }]);
  expect((await ask(who, 'PUT', `/custom-fields/${id}`, { options: ['x'] })).json().error.details).toMatchObject([
    { field: 'options' },
  ]);
  expect((await ask(who, 'PUT', `/custom-fields/${id}`, { type: 'text' })).statusCode).toBe(422);
  expect((await ask(who, 'PUT', `/custom-fields/${id}`, { label: 'Sedes' })).json().label).toBe('Sedes');
});

it('without its definition a field takes anything, and another tenant does not see it', async () => {
  const who = admin();
  const { id } = (await define(who, { key: 'sedes', type: 'number' })).json();
  const stranger = admin();
  expect((await ask(stranger, 'GET', '/custom-fields')).json()).toEqual({ items: [] });
  expect((await ask(stranger, 'DELETE', `/custom-fields/${id}`)).statusCode).toBe(404);
  expect((await ask(who, 'DELETE', `/custom-fields/${id}`)).statusCode).toBe(204);
  expect((await withFields(who, { sedes: 'tres' })).json().customFields).toEqual({ sedes: 'tres' });
});

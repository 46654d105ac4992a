import { expect, test } from 'vitest';
import { BLANK, withInput } from './profile.ts';

const NOW = new Date('2026-11-30T10:00:00Z');
const EARLIER = new Date('2026-01-01T10:00:00Z');

test.each([
  ['both names make one', BLANK, { firstName: 'Ana', lastName: 'Gil' }, ['Ana Gil', 'Ana', 'Gil']],
  ['one name is enough', BLANK, { firstName: 'Ana' }, ['Ana', 'Ana', null]],
  ['the other is cut from the name', { ...BLANK, name: 'Ana Gil' }, { firstName: 'Eva' }, ['Eva Gil', 'Eva', 'Gil']],
  [
    'a new name alone forgets the two',
    { ...BLANK, name: 'Ana Gil', firstName: 'Ana', lastName: 'Gil' },
    { name: 'Eva Sol' },
    ['Eva Sol', null, null],
  ],
  [
    'the same name keeps the two',
    { ...BLANK, name: 'Ana de Gil', firstName: 'Ana', lastName: 'de Gil' },
    { name: 'Ana de Gil' },
    ['Ana de Gil', 'Ana', 'de Gil'],
  ],
  ['without both there is no name', { ...BLANK, name: 'Ana' }, { firstName: null, lastName: null }, [null, null, null]],
])('%s', (_, before, input, [name, firstName, lastName]) => {
  expect(withInput(before, input, NOW)).toMatchObject({ name, firstName, lastName });
});

test('what is not given stays, and null removes a custom field', () => {
  const before = { ...BLANK, city: 'Lima', customFields: { rubro: 'salud', sedes: 3 } };
  const after = withInput(before, { customFields: { sedes: null, activo: true }, company: 'Acme' }, NOW);
  expect(after).toEqual({ ...before, company: 'Acme', customFields: { rubro: 'salud', activo: true } });
});

test.each([
  ['out', { ...BLANK }, false, NOW, NOW],
  ['out again', { ...BLANK, marketingStoppedAt: EARLIER, marketingChangedAt: EARLIER }, false, EARLIER, EARLIER],
  ['back in', { ...BLANK, marketingStoppedAt: EARLIER, marketingChangedAt: EARLIER }, true, null, NOW],
])('a contact opts %s', (_, before, optIn, marketingStoppedAt, marketingChangedAt) => {
  expect(withInput(before, { optIn }, NOW)).toMatchObject({ marketingStoppedAt, marketingChangedAt });
});

test('a blocked contact stays blocked since the first time, until it is let in', () => {
  const blocked = withInput({ ...BLANK, blockedAt: EARLIER }, { isBlocked: true }, NOW);
  expect(blocked.blockedAt).toBe(EARLIER);
  expect(withInput(blocked, { isBlocked: false }, NOW).blockedAt).toBeNull();
});

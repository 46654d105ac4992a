import { expect, test } from 'vitest';
import { customFieldErrors } from './rules.ts';

const DEFINED = [
  { key: 'cargo', type: 'text' as const, options: [] },
  { key: 'sedes', type: 'number' as const, options: [] },
  { key: 'alta', type: 'date' as const, options: [] },
  { key: 'activo', type: 'boolean' as const, options: [] },
  { key: 'rubro', type: 'option' as const, options: ['salud', 'retail'] },
];

test('values of the defined type, unknown fields and removals are right', () => {
  const given = { cargo: 'Gerente', sedes: 3, alta: '2026-02-28', activo: false, rubro: 'salud', otro: [1] };
  expect(customFieldErrors(DEFINED, given)).toEqual([]);
  expect(customFieldErrors(DEFINED, { cargo: null, sedes: null })).toEqual([]);
});

test('each wrong value is named with what is expected', () => {
  const given = { cargo: 3, sedes: '3', alta: '2026-02-30', activo: 'sí', rubro: 'otro' };
  expect(customFieldErrors(DEFINED, given).map(({ field, code }) => [field, code])).toEqual([
    ['customFields.cargo', 'invalid_type'],
    ['customFields.sedes', 'invalid_type'],
    ['customFields.alta', 'date'],
    ['customFields.activo', 'invalid_type'],
    ['customFields.rubro', 'invalid_value'],
  ]);
});

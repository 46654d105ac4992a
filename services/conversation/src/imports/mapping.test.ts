import { ValidationFailed } from '@recado/service-kit';
import { describe, expect, it, test } from 'vitest';
import { guessMapping, readMapping } from './mapping.ts';

describe('columns', () => {
  test.each([
    [
      ['Teléfono', 'Nombre', 'Apellidos', 'Correo electrónico'],
      ['phone', 'firstName', 'lastName', 'email'],
    ],
    [
      ['Celular', 'NOMBRE', 'Empresa', 'Etiquetas'],
      ['phone', 'name', 'company', 'tags'],
    ],
    [
      ['Telefone', 'Nome', 'Sobrenome', 'Endereço', 'País'],
      ['phone', 'firstName', 'lastName', 'address', 'country'],
    ],
    [
      ['phone', 'first_name', 'last_name', 'lead_status'],
      ['phone', 'firstName', 'lastName', 'leadStatus'],
    ],
    [
      ['WhatsApp', 'Full Name', 'id', 'created_at'],
      ['phone', 'name', null, null],
    ],
    [
      ['Phone', 'Cargo', '', 'Móvil'],
      ['phone', 'customFields.Cargo', null, 'customFields.Móvil'],
    ],
    [
      ['Estado', 'Marketing'],
      ['customFields.Estado', 'customFields.Marketing'],
    ],
    [
      ['__proto__', 'x'.repeat(61)],
      [null, null],
    ],
  ])('%j fill %j', (headers, fields) => {
    expect(guessMapping(headers)).toEqual(fields);
  });

  it('are what a person says, and a guess gives way', () => {
    const mapping = { Otro: 'phone', Nombre: 'customFields.Apodo', Correo: null };
    expect(readMapping(['Teléfono', 'Otro', 'Nombre', 'Correo'], mapping)).toEqual([
      null,
      'phone',
      'customFields.Apodo',
      null,
    ]);
  });

  it('that are missing, unknown or named twice are all reported', () => {
    const given = { Z: 'phone', A: 'password', B: 'phone', C: 'phone', D: 'customFields.' };
    const codes = codesOf(() => readMapping(['A', 'B', 'C', 'D'], given));
    expect(codes).toEqual([
      ['import_column', 'Z'],
      ['import_field', 'password'],
      ['duplicate', 'phone'],
      ['import_field', 'customFields.'],
    ]);
  });

  it('without a phone are refused', () => {
    expect(codesOf(() => readMapping(['Nombre']))).toEqual([['import_phone', undefined]]);
  });
});

function codesOf(work: () => unknown): unknown[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ValidationFailed) return error.details!.map(({ code, params }) => [code, params?.said]);
  }
  return [];
}

import { FIELD_CODES, password, proofCode, slug, uuid } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toEdgeError } from '../edge/errors.ts';
import { parsePart } from '../edge/validation.ts';
import { editions } from '../editions/index.ts';
import { spanish } from './es.ts';
import { issueText, type Language, withWords } from './language.ts';
import { portuguese } from './pt.ts';

const englishSentences = new Set<string>(Object.values(FIELD_CODES));

describe.each([spanish, portuguese])('the sentences in $tag', (language: Language) => {
  it('has one for every field code, and none is English', () => {
    expect(Object.keys(language.fields).sort()).toEqual(Object.keys(FIELD_CODES).sort());
    for (const sentence of Object.values(language.fields)) expect(englishSentences).not.toContain(sentence);
  });

  it.each([
    ['uuid', uuid(), 'x'],
    ['slug', slug(), 'No Slug'],
    ['proof_code', proofCode(), '12'],
  ] as const)('finds the one of %s by its key', (code, schema, value) => {
    const parse = () => parsePart(z.object({ id: schema }), { id: value }, 'body', language);
    expect(parse).toThrow(expect.objectContaining({ details: [{ field: 'id', message: language.fields[code] }] }));
  });
});

describe('the words of an edition', () => {
  it('replace those of its language, and only those', () => {
    const own = withWords(spanish, { fields: { email: 'Email inválido' } });
    expect(own.fields).toEqual({ ...spanish.fields, email: 'Email inválido' });
    expect(spanish.fields.email).toBe('El email no es válido');
  });

  it('replace a service’s code with a sentence', () => {
    const error = { code: 'invalid_format', path: [], format: 'email' } as never;
    expect(issueText(editions.saas.texts, error)).toBe('Email inválido');
    expect(issueText(editions.bots.texts, error)).toBe('El email debe tener un formato válido');
  });

  it('use the general sentence for a code of another version', () => {
    const unknown = new ValidationFailed([{ field: 'a', message: 'English', code: 'of_tomorrow' as never }]);
    expect(toEdgeError(editions.crm, unknown).details).toEqual([{ field: 'a', message: 'El valor no es válido' }]);
  });

  it('have a separate sentence for a short password', () => {
    const schema = z.object({ password: password('Muy corta') });
    const parse = () => parsePart(schema, { password: 'corta' }, 'body', editions.crm.texts);
    expect(parse).toThrow(expect.objectContaining({ details: [{ field: 'password', message: 'Muy corta' }] }));
  });
});

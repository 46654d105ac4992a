import { FIELD_CODES, password, proofCode, slug, uuid, withCode } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toEdgeError } from '../edge/errors.ts';
import { compilerFor, parsePart } from '../edge/validation.ts';
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

describe.each([editions.crm, editions.bots, editions.inbox])('a body that $name refuses', ({ texts, name }) => {
  const errorsOf = (schema: z.ZodType, value: unknown) => {
    try {
      return parsePart(schema, value, 'body', texts);
    } catch (error) {
      return (error as ValidationFailed).details;
    }
  };

  it('is refused in its language by a format of the contracts, and as required where it is missing', () => {
    const schema = z.object({
      url: z.url(withCode('url')),
      tag: z.string().regex(/^a/, withCode('template_language')),
    });
    expect(errorsOf(schema, { url: 'x', tag: 'b' })).toEqual([
      { field: 'url', message: texts.fields.url },
      { field: 'tag', message: texts.fields.template_language },
    ]);
    expect(errorsOf(schema, { tag: 5 })).toEqual([
      { field: 'url', message: texts.fields.required },
      { field: 'tag', message: texts.types.string },
    ]);
  });

  it('names the fields of which it wants one', () => {
    const schema = z.object({}).refine(() => false, { ...withCode('one_of_fields', { fields: 'a, b' }), path: ['a'] });
    const [{ message } = { message: '' }] = errorsOf(schema, {}) as { message: string }[];
    expect(message).toMatch(/: a, b$/);
    expect(message).not.toContain('{');
  });

  it('gets one sentence for a number beyond two limits', () => {
    const schema = z.object({ page: z.coerce.number().int().min(1).max(10_000) });
    expect(errorsOf(schema, { page: '99999999999999999999' })).toEqual([
      { field: 'page', message: texts.sizes.upTo('10000') },
    ]);
  });

  it(`names the fields that every kind has beside an unknown kind (${name})`, () => {
    const schema = z.discriminatedUnion('kind', [
      z.strictObject({ chatId: uuid(), kind: z.literal('text'), note: z.string().optional(), content: z.string() }),
      z.strictObject({ chatId: uuid(), kind: z.literal('place'), note: z.string().optional() }).refine(() => true),
    ]);
    expect((errorsOf(schema, {}) as { field: string }[]).map(({ field }) => field)).toEqual(['kind', 'chatId']);
    expect((errorsOf(schema, { kind: 'x', chatId: 'y' }) as unknown[])[1]).toEqual({
      field: 'chatId',
      message: texts.fields.uuid,
    });
  });
});

it('counts the values of a list from 0 where a template counts its places from 1', () => {
  const route = editions.inbox.routes.find(({ path }) => path === '/api/messages/template')!;
  const refused = new ValidationFailed([{ field: 'content.params.1', message: 'No place', code: 'template_extra' }]);
  expect(toEdgeError(editions.inbox, refused, { fields: route.fields }).details).toMatchObject([
    { field: 'parameters.0' },
  ]);
});

it('takes no body where every field may be left out', () => {
  const parse = (schema: z.ZodType) =>
    compilerFor(editions.crm, {})({ schema, method: 'POST', url: '/', httpPart: 'body' })(undefined);
  expect(parse(z.strictObject({ hours: z.number().default(24) }))).toEqual({ value: { hours: 24 } });
  const missing = parse(z.strictObject({ hours: z.number() }));
  expect(missing).toMatchObject({
    error: { details: [{ field: 'body', message: editions.crm.texts.fields.required }] },
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

  it('name the kinds that a value of several kinds may have', () => {
    const schema = z.object({
      actions: z.array(
        z.discriminatedUnion('type', [z.object({ type: z.literal('tag') }), z.object({ type: z.literal('note') })]),
      ),
    });
    const parse = () => parsePart(schema, { actions: [{ type: 'etiqueta' }] }, 'body', editions.crm.texts);
    const details = [{ field: 'actions.0.type', message: 'Debe ser uno de: tag, note' }];
    expect(parse).toThrow(expect.objectContaining({ details }));
  });

  it('have a separate sentence for a short password', () => {
    const schema = z.object({ password: password('Muy corta') });
    const parse = () => parsePart(schema, { password: 'corta' }, 'body', editions.crm.texts);
    expect(parse).toThrow(expect.objectContaining({ details: [{ field: 'password', message: 'Muy corta' }] }));
  });
});

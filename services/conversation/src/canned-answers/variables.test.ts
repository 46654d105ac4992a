import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerFaults, fillAnswer, variablesOf } from './variables.ts';

const fill = (content: string, values: Record<string, string> = {}) =>
  fillAnswer(content, new Map(Object.entries(values)));

describe('a canned answer', () => {
  it('names each of its variables once, with its default', () => {
    const content =
      'Hola {{ contact.first_name | cliente }}, {{ask:Fecha}} y {{ask: Fecha | hoy}} {{contact.custom.Plan}}';
    expect(variablesOf(content)).toEqual([
      { name: 'contact.first_name', isAsked: false, default: 'cliente' },
      { name: 'Fecha', isAsked: true, default: 'hoy' },
      { name: 'contact.custom.Plan', isAsked: false, default: null },
    ]);
  });

  it.each([
    ['Hola', []],
    ['{un corchete} solo', []],
    ['{{contact.nombre}}', ['{{contact.nombre}}']],
    ['{{ask:}}', ['{{ask:}}']],
    ['{{ask:contact.name}}', ['{{ask:contact.name}}']],
    ['{{contact.custom.}}', ['{{contact.custom.}}']],
    ['Hola {{contact.name', ['{{contact.name']],
    ['Hola }}', ['}}']],
    ['{{{{contact.name}}}}', ['{{', '}}']],
    [`{{ask:${'x'.repeat(61)}}}`, [`{{ask:${'x'.repeat(61)}}}`]],
  ])('%s has these faults: %j', (content, said) => {
    const faults = answerFaults(content);
    expect(faults.map(({ field, code }) => [field, code])).toEqual(
      said.length > 0 ? [['content', 'canned_variable']] : [],
    );
    if (said.length > 0) expect(faults[0]!.params!.said).toBe(said.join(', '));
  });

  it('has thirty variables at most', () => {
    expect(answerFaults('{{contact.name}}'.repeat(30))).toEqual([]);
    expect(answerFaults('{{contact.name}}'.repeat(31))).toMatchObject([{ code: 'canned_values' }]);
  });

  it('takes values before defaults, and tells what is missing', () => {
    const content = '{{contact.name|amigo}} {{ask:Hora}} {{ask:Hora}} {{contact.email}}';
    expect(fill(content)).toEqual({
      content: 'amigo {{ask:Hora}} {{ask:Hora}} {{contact.email}}',
      missing: [
        { name: 'Hora', isAsked: true, default: null },
        { name: 'contact.email', isAsked: false, default: null },
      ],
    });
    expect(fill(content, { Hora: '10:00', 'contact.name': 'Luz', 'contact.email': ' ' })).toMatchObject({
      content: 'Luz 10:00 10:00 {{contact.email}}',
      missing: [{ name: 'contact.email' }],
    });
  });

  it('never reads a value again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '|', 'a', '$', '{{ask:B}}', '{{contact.name}}') }),
        (name) => {
          const value = name.trim();
          fc.pre(value !== '');
          expect(fill('{{contact.name}}-{{ask:B}}', { 'contact.name': value, B: value }).content).toBe(
            `${value}-${value}`,
          );
        },
      ),
    );
  });

  it('without variables says what it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(answerFaults(text).length === 0 && variablesOf(text).length === 0);
        expect(fill(text)).toEqual({ content: text, missing: [] });
      }),
    );
  });
});

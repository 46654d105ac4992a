import { ruleCondition } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ChatFacts, compilePattern, explain } from './conditions.ts';

const facts = (given: Partial<ChatFacts> = {}): ChatFacts => ({
  text: '  ¿Cuánto cuesta el Envío? ',
  channelId: 'c1',
  campaignId: null,
  assignedUserId: null,
  status: 'queued',
  priority: 'normal',
  tags: ['Ventas'],
  contact: { name: 'Ana María', email: null, phone: '+51999', company: '', city: 'Lima', country: 'PE', segment: null },
  leadStatus: 'new',
  contactTags: [],
  customFields: { edad: 30, rubro: ['Salud', 'Moda'], vip: true },
  isOpen: true,
  ...given,
});
const holds = (condition: object, given: Partial<ChatFacts> = {}) => explain(condition as never, facts(given)).holds;

describe('a condition', () => {
  it.each([
    [{ type: 'text', op: 'contains', value: 'envio' }, true],
    [{ type: 'text', op: 'contains', value: 'ENVÍO' }, true],
    [{ type: 'text', op: 'equals', value: '¿cuanto cuesta el envio?' }, true],
    [{ type: 'text', op: 'equals', value: 'envio' }, false],
    [{ type: 'text', op: 'starts_with', value: '¿cuánto' }, true],
    [{ type: 'text', op: 'matches', value: String.raw`cu[aá]nto\s+cuesta` }, true],
    [{ type: 'text', op: 'matches', value: '^cuesta' }, false],
    [{ type: 'channel', op: 'in', values: ['c1', 'c2'] }, true],
    [{ type: 'channel', op: 'not_in', values: ['c1'] }, false],
    [{ type: 'campaign', op: 'in', values: [null] }, true],
    [{ type: 'assignee', op: 'not_in', values: [null] }, false],
    [{ type: 'status', op: 'in', values: ['queued'] }, true],
    [{ type: 'priority', op: 'not_in', values: ['high', 'urgent'] }, true],
    [{ type: 'lead_status', op: 'in', values: ['won'] }, false],
    [{ type: 'tag', op: 'has', value: 'VENTAS' }, true],
    [{ type: 'contact_tag', op: 'has_not', value: 'vip' }, true],
    [{ type: 'contact', name: 'name', op: 'contains', value: 'maria' }, true],
    [{ type: 'contact', name: 'email', op: 'is_set', value: null }, false],
    [{ type: 'contact', name: 'company', op: 'is_not_set', value: null }, true],
    [{ type: 'custom_field', name: 'edad', op: 'over', value: 29 }, true],
    [{ type: 'custom_field', name: 'edad', op: 'under', value: 30 }, false],
    [{ type: 'custom_field', name: 'edad', op: 'equals', value: '30' }, true],
    [{ type: 'custom_field', name: 'rubro', op: 'equals', value: 'moda' }, true],
    [{ type: 'custom_field', name: 'vip', op: 'equals', value: true }, true],
    [{ type: 'custom_field', name: 'nada', op: 'equals', value: 'x' }, false],
    [{ type: 'business_hours', is: false }, false],
  ])('%o: %s', (condition, expected) => {
    expect(ruleCondition.safeParse(condition).success || 'values' in condition).toBe(true);
    expect(holds(condition)).toBe(expected);
  });

  it('about words does not hold where the event has none', () => {
    expect(holds({ type: 'text', op: 'contains', value: 'a' }, { text: null })).toBe(false);
  });

  it('in a group counts as the group says, and each tells whether it holds', () => {
    const [yes, no] = [true, false].map((is) => ({ type: 'business_hours', is }));
    const any = { type: 'any', conditions: [no, { type: 'all', conditions: [yes, yes] }] };
    expect(explain(any as never, facts())).toMatchObject({
      holds: true,
      conditions: [{ holds: false }, { holds: true, conditions: [{ holds: true }, { holds: true }] }],
    });
    expect(holds({ type: 'all', conditions: [yes, no] })).toBe(false);
  });

  it('in groups deeper than two is refused', () => {
    const wrap = (inner: object) => ({ type: 'all', conditions: [inner] });
    const leaf = { type: 'business_hours', is: true };
    expect(ruleCondition.safeParse(wrap(wrap(leaf))).success).toBe(true);
    expect(ruleCondition.safeParse(wrap(wrap(wrap(leaf)))).success).toBe(false);
  });
});

it('a pattern that makes other engines hang ends at once', () => {
  const began = performance.now();
  expect(
    compilePattern('(a+)+$')
      .matcher(`${'a'.repeat(4000)}!`)
      .find(),
  ).toBe(false);
  expect(performance.now() - began).toBeLessThan(2000);
  expect(() => compilePattern('(?=a)')).toThrow();
});

it('no text and no value makes a comparison throw', () => {
  const op = fc.constantFrom('contains', 'equals', 'starts_with');
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), op, (text, value, how) => {
      const result = holds({ type: 'text', op: how, value }, { text });
      if (how === 'equals' && result) expect(holds({ type: 'text', op: 'contains', value }, { text })).toBe(true);
    }),
  );
});

it('a rule of many questions folds the words of a message once', () => {
  const text = 'á'.repeat(4096);
  const folds = vi.spyOn(String.prototype, 'normalize');
  const conditions = Array.from({ length: 20 }, (_, i) => ({ type: 'text', op: 'contains', value: `é${i}` }));
  const group = { type: 'any', conditions };
  expect(holds({ type: 'any', conditions: Array.from({ length: 20 }, () => group) }, { text })).toBe(false);
  expect(folds.mock.contexts.filter((one) => String(one) === text)).toHaveLength(1);
  folds.mockRestore();
});

import type { TemplateComponent } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import type { TemplateDefinition } from '../definition/definition.ts';
import { checkMessage, type GivenValues } from './message-rules.ts';

const templateOf = (components: TemplateComponent[], more: Partial<TemplateDefinition> = {}): TemplateDefinition => ({
  category: 'utility',
  parameterFormat: 'positional',
  components,
  ...more,
});

const body = { type: 'BODY', text: 'Hi {{1}}, your order {{2}} is here.' };
const plain = templateOf([body]);
const named = templateOf([{ type: 'BODY', text: 'Hi {{first_name}}, your order {{order}} is here.' }], {
  parameterFormat: 'named',
});
const rich = templateOf([
  { type: 'HEADER', format: 'IMAGE' },
  body,
  { type: 'FOOTER', text: 'Thanks' },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'Stop' },
      { type: 'URL', text: 'Track', url: 'https://example.com/{{1}}' },
      { type: 'COPY_CODE', text: 'Copy' },
      { type: 'FLOW', text: 'Form', flow_id: '1' },
    ],
  },
]);
const otp = templateOf(
  [
    { type: 'BODY', text: '*{{1}}* is your code.' },
    {
      type: 'BUTTONS',
      buttons: [{ type: 'URL', text: 'Copy', url: 'https://www.whatsapp.com/otp/code/?code=otp{{1}}' }],
    },
  ],
  { category: 'authentication' },
);
const text = (value: string, more: object = {}) => ({ type: 'text', text: value, ...more });

function errorsOf(template: TemplateDefinition, given: GivenValues): [string, string | undefined][] {
  const checked = checkMessage(template, given);
  return checked.ok ? [] : checked.errors.map(({ field, code }) => [field, code]);
}

describe('checkMessage', () => {
  it('fills places, and gives them as the provider takes them', () => {
    const checked = checkMessage(plain, { params: { 1: 'Ana', 2: 'A-7' } });
    expect(checked).toMatchObject({
      ok: true,
      components: [{ type: 'body', parameters: [text('Ana'), text('A-7')] }],
      preview: { body: 'Hi Ana, your order A-7 is here.', text: 'Hi Ana, your order A-7 is here.' },
    });
  });

  it('fills names, and says which parameter is which', () => {
    const checked = checkMessage(named, { params: { order: 'A-7', first_name: 'Ana' } });
    expect(checked).toMatchObject({
      ok: true,
      components: [
        {
          type: 'body',
          parameters: [text('Ana', { parameter_name: 'first_name' }), text('A-7', { parameter_name: 'order' })],
        },
      ],
      preview: { body: 'Hi Ana, your order A-7 is here.' },
    });
  });

  it('fills header, buttons and the default of a form', () => {
    const params = { header: 'https://example.com/a.png', 1: 'Ana', 2: 'A-7', 'button.1': 'A-7', 'button.2': 'SAVE10' };
    const checked = checkMessage(rich, { params });
    expect(checked).toMatchObject({
      ok: true,
      components: [
        { type: 'header', parameters: [{ type: 'image', image: { link: 'https://example.com/a.png' } }] },
        { type: 'body' },
        { type: 'button', sub_type: 'url', index: '1', parameters: [text('A-7')] },
        {
          type: 'button',
          sub_type: 'copy_code',
          index: '2',
          parameters: [{ type: 'coupon_code', coupon_code: 'SAVE10' }],
        },
        { type: 'button', sub_type: 'flow', index: '3', parameters: [{ type: 'action' }] },
      ],
      preview: {
        header: { format: 'image', text: null },
        footer: 'Thanks',
        buttons: [
          { type: 'quick_reply', text: 'Stop', value: null },
          { type: 'url', text: 'Track', value: 'https://example.com/A-7' },
          { type: 'copy_code', text: 'Copy', value: 'SAVE10' },
          { type: 'flow', text: 'Form', value: null },
        ],
      },
    });
  });

  it('shows an address with its value as it was given', () => {
    const params = { header: 'https://example.com/a.png', 1: 'Ana', 2: 'A-7', 'button.1': "A$$$&$'", 'button.2': 'X' };
    const checked = checkMessage(rich, { params });
    expect(checked).toMatchObject({ ok: true });
    const { buttons } = (checked as Extract<typeof checked, { ok: true }>).preview;
    expect(buttons[1]).toMatchObject({ value: "https://example.com/A$$$&$'" });
  });

  it('puts the code of an authentication into its button too', () => {
    expect(checkMessage(otp, { params: { 1: '123456' } })).toMatchObject({
      ok: true,
      components: [
        { type: 'body', parameters: [text('123456')] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [text('123456')] },
      ],
    });
  });

  it.each<[string, TemplateDefinition, GivenValues, [string, string][]]>([
    [
      'nothing given',
      plain,
      {},
      [
        ['params.1', 'template_missing'],
        ['params.2', 'template_missing'],
      ],
    ],
    ['the second missing', plain, { params: { 1: 'Ana' } }, [['params.2', 'template_missing']]],
    ['one too many', plain, { params: { 1: 'a', 2: 'b', 3: 'c' } }, [['params.3', 'template_extra']]],
    ['an empty value', plain, { params: { 1: '', 2: 'b' } }, [['params.1', 'template_missing']]],
    ['a line break', plain, { params: { 1: 'a\nb', 2: 'b' } }, [['params.1', 'template_spaces']]],
    ['five spaces', plain, { params: { 1: 'a     b', 2: 'b' } }, [['params.1', 'template_spaces']]],
    ['an unknown name', named, { params: { first_name: 'a', order: 'b', x: 'c' } }, [['params.x', 'template_extra']]],
    ['a name missing', named, { params: { order: 'b' } }, [['params.first_name', 'template_missing']]],
    [
      'a key of every object',
      plain,
      { params: { 1: 'a', 2: 'b', constructor: 'c' } },
      [['params.constructor', 'template_extra']],
    ],
    [
      'a text for an image',
      rich,
      {
        components: [
          { type: 'header', parameters: [text('x')] },
          { type: 'body', parameters: [text('a'), text('b')] },
          { type: 'button', index: 1, parameters: [text('x')] },
          { type: 'button', index: 2, parameters: [{ type: 'coupon_code', coupon_code: 'C' }] },
        ],
      },
      [['components.0.parameters.0', 'template_kind']],
    ],
    [
      'no button values',
      rich,
      { params: { header: 'https://example.com/a.png', 1: 'a', 2: 'b' } },
      [
        ['params.button.1', 'template_missing'],
        ['params.button.2', 'template_missing'],
      ],
    ],
    [
      'a long coupon',
      rich,
      { params: { header: 'https://example.com/a.png', 1: 'a', 2: 'b', 'button.1': 'x', 'button.2': 'C'.repeat(16) } },
      [['params.button.2', 'too_big']],
    ],
    [
      'components without a body',
      plain,
      { components: [] },
      [
        ['components', 'template_missing'],
        ['components', 'template_missing'],
      ],
    ],
    [
      'another part twice',
      plain,
      {
        components: [
          { type: 'body', parameters: [text('a'), text('b')] },
          { type: 'body', parameters: [text('c')] },
        ],
      },
      [['components.1', 'template_extra']],
    ],
    [
      'a named parameter of another name',
      named,
      {
        components: [
          { type: 'body', parameters: [text('a', { parameter_name: 'x' }), text('b', { parameter_name: 'order' })] },
        ],
      },
      [
        ['components.0.parameters.0', 'template_param_name'],
        ['components.0.parameters', 'template_missing'],
      ],
    ],
    [
      'a text that is too long when filled in',
      templateOf([body, { type: 'FOOTER', text: 'x' }]),
      { params: { 1: 'a'.repeat(1020), 2: 'b' } },
      [['params.1', 'too_big']],
    ],
  ])('refuses %s', (_, template, given, errors) => {
    expect(errorsOf(template, given)).toEqual(errors);
  });

  it('checks each card of a carousel', () => {
    const card = {
      components: [
        { type: 'HEADER', format: 'IMAGE' },
        { type: 'BODY', text: 'Only {{1}} today' },
      ],
    };
    const carousel = templateOf([
      { type: 'BODY', text: 'Our offers' },
      { type: 'CAROUSEL', cards: [card, card] },
    ]);
    const sent = (value: string) => ({
      components: [
        { type: 'header', parameters: [{ type: 'image', image: { id: '1' } }] },
        { type: 'body', parameters: [text(value)] },
      ],
    });
    const given = { components: [{ type: 'carousel', cards: [sent('$1'), sent('$2')] }] };
    expect(checkMessage(carousel, given)).toMatchObject({
      ok: true,
      components: [{ type: 'carousel', cards: [{ card_index: 0 }, { card_index: 1 }] }],
    });
    expect(errorsOf(carousel, { components: [{ type: 'carousel', cards: [sent('$1')] }] })).toEqual([
      ['components.0.cards', 'template_missing'],
    ]);
    expect(errorsOf(carousel, { components: [{ type: 'carousel', cards: [sent('$1'), sent('')] }] })).toEqual([
      ['components.0.cards.1.components.1.parameters.0', 'template_missing'],
    ]);
  });
});

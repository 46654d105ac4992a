import type { TemplateComponent } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import type { TemplateDefinition } from './definition.ts';
import { checkDefinition } from './definition-rules.ts';

const templateOf = (components: TemplateComponent[], more: Partial<TemplateDefinition> = {}): TemplateDefinition => ({
  category: 'utility',
  parameterFormat: 'positional',
  components,
  ...more,
});

const errorsOf = (template: TemplateDefinition) => checkDefinition(template).map(({ field, code }) => [field, code]);

const bodyOf = (text: string, ...examples: string[]): TemplateComponent =>
  examples.length > 0 ? { type: 'BODY', text, example: { body_text: [examples] } } : { type: 'BODY', text };
const good = bodyOf('Hello {{1}}, your order is on its way to you.', 'Ana');
const media = (example: object): TemplateComponent => ({ type: 'HEADER', format: 'IMAGE', example });
const buttons = (...list: object[]): TemplateComponent => ({ type: 'BUTTONS', buttons: list });
const reply = (text: string) => ({ type: 'QUICK_REPLY', text });
const url = (address: string, more: object = {}) => ({ type: 'URL', text: 'Open', url: address, ...more });

describe('checkDefinition', () => {
  it('accepts a complete template, and emojis count once', () => {
    const template = templateOf([
      { type: 'HEADER', format: 'TEXT', text: 'Order {{1}}', example: { header_text: ['A-7'] } },
      good,
      { type: 'FOOTER', text: '😀'.repeat(60) },
      buttons(reply('Yes'), reply('No'), url('https://example.com/{{1}}', { example: ['https://example.com/A-7'] })),
    ]);
    expect(errorsOf(template)).toEqual([]);
    const named = {
      type: 'BODY',
      text: 'Hello {{first_name}}, we have news for you.',
      example: { body_text_named_params: [{ param_name: 'first_name', example: 'Ana' }] },
    };
    expect(errorsOf(templateOf([named], { parameterFormat: 'named' }))).toEqual([]);
  });

  it.each<[string, TemplateComponent[], [string, string][]]>([
    ['a file of no form', [media({ file_id: '7' }), good], [['components.0.example.file_id', 'uuid']]],
    [
      'a file and a handle',
      [media({ file_id: crypto.randomUUID(), header_handle: ['4::x'] }), good],
      [['components.0.example.header_handle', 'template_extra']],
    ],
    ['no example of a picture', [media({}), good], [['components.0.example.header_handle', 'template_example']]],
    [
      'a file in a header of text',
      [{ ...media({ file_id: crypto.randomUUID() }), format: 'TEXT', text: 'Hi' }, good],
      [['components.0.example.file_id', 'template_extra']],
    ],
    ['no body', [{ type: 'FOOTER', text: 'x' }], [['components', 'template_body']]],
    ['two bodies', [good, good], [['components.1', 'template_extra']]],
    ['an empty body', [bodyOf(' ')], [['components.0.text', 'required']]],
    ['a long body', [bodyOf('a'.repeat(1025))], [['components.0.text', 'too_big']]],
    ['a variable at the start', [bodyOf('{{1}} is on its way to you.', 'x')], [['components.0.text', 'template_edge']]],
    ['a variable at the end', [bodyOf('On its way to you: {{1}}', 'x')], [['components.0.text', 'template_edge']]],
    ['too many variables', [bodyOf('Hi {{1}} and {{2}}!', 'a', 'b')], [['components.0.text', 'template_ratio']]],
    [
      'a gap',
      [bodyOf('Hello {{2}}, your order is on its way.', 'x')],
      [
        ['components.0.text', 'template_order'],
        ['components.0.example', 'template_example'],
      ],
    ],
    [
      'a name among places',
      [bodyOf('Hello {{name}}, your order is on its way.')],
      [
        ['components.0.text', 'template_order'],
        ['components.0.example', 'template_example'],
      ],
    ],
    ['no example', [bodyOf('Hello {{1}}, your order is on its way.')], [['components.0.example', 'template_example']]],
    [
      'a bold header',
      [{ type: 'HEADER', format: 'TEXT', text: '*Now*' }, good],
      [['components.0.text', 'template_plain']],
    ],
    [
      'an emoji in the header',
      [{ type: 'HEADER', format: 'TEXT', text: 'Now 🎉' }, good],
      [['components.0.text', 'template_plain']],
    ],
    [
      'a picture without example',
      [{ type: 'HEADER', format: 'IMAGE' }, good],
      [['components.0.example.header_handle', 'template_example']],
    ],
    [
      'a header of no known kind',
      [{ type: 'HEADER', format: 'MUSIC' }, good],
      [['components.0.format', 'template_kind']],
    ],
    [
      'a variable in the footer',
      [good, { type: 'FOOTER', text: 'For {{1}}' }],
      [['components.1.text', 'template_no_variables']],
    ],
    ['a long footer', [good, { type: 'FOOTER', text: 'x'.repeat(61) }], [['components.1.text', 'too_big']]],
    ['a long label', [good, buttons(reply('x'.repeat(26)))], [['components.1.buttons.0.text', 'too_big']]],
    [
      'three addresses',
      [
        good,
        buttons(url('https://a.co'), { ...url('https://b.co'), text: 'B' }, { ...url('https://c.co'), text: 'C' }),
      ],
      [['components.1.buttons', 'template_buttons']],
    ],
    [
      'replies between others',
      [good, buttons(reply('A'), url('https://a.co'), reply('B'))],
      [['components.1.buttons', 'template_buttons']],
    ],
    [
      'the same label twice',
      [good, buttons(reply('A'), reply('A'))],
      [['components.1.buttons.1.text', 'template_repeated']],
    ],
    [
      'a variable in mid-address',
      [good, buttons(url('https://a.co/{{1}}/x', { example: ['x'] }))],
      [['components.1.buttons.0.url', 'template_url_end']],
    ],
    [
      'an address without example',
      [good, buttons(url('https://a.co/{{1}}'))],
      [['components.1.buttons.0.example', 'template_example']],
    ],
    ['another protocol', [good, buttons(url('ftp://a.co'))], [['components.1.buttons.0.url', 'url']]],
    [
      'a bad phone',
      [good, buttons({ type: 'PHONE_NUMBER', text: 'Call', phone_number: 'x' })],
      [['components.1.buttons.0.phone_number', 'phone']],
    ],
    [
      'a code without example',
      [good, buttons({ type: 'COPY_CODE' })],
      [['components.1.buttons.0.example', 'template_example']],
    ],
    [
      'a form without its id',
      [good, buttons({ type: 'FLOW', text: 'Fill in' })],
      [['components.1.buttons.0.flow_id', 'required']],
    ],
    [
      'one card',
      [good, { type: 'CAROUSEL', cards: [{ components: [bodyOf('A card')] }] }],
      [['components', 'template_cards']],
    ],
  ])('refuses %s', (_, components, errors) => {
    expect(errorsOf(templateOf(components))).toEqual(errors);
  });

  it('lets an authentication template have a code button and no words of its own', () => {
    const otp = [{ type: 'BODY', add_security_recommendation: true }, buttons({ type: 'OTP', otp_type: 'COPY_CODE' })];
    expect(errorsOf(templateOf(otp, { category: 'authentication' }))).toEqual([]);
    expect(errorsOf(templateOf([good], { category: 'authentication' }))).toEqual([
      ['components.0.text', 'template_extra'],
      ['components', 'template_buttons'],
    ]);
  });
});

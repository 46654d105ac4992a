import { describe, expect, test } from 'vitest';
import { findFaults } from './outbound-check.ts';
import { outboundContent } from './outbound-content.ts';
import { characters, charactersOf } from './primitives.ts';

const ALL = ['text', 'image', 'document', 'contacts', 'buttons', 'list', 'link'];
const limits = {
  text: 5,
  caption: 4,
  fileName: 6,
  header: 3,
  body: 6,
  footer: 3,
  buttons: 2,
  buttonId: 3,
  buttonTitle: 4,
};
const lists = { listButton: 4, sections: 2, sectionTitle: 3, rows: 2, rowId: 3, rowTitle: 4, rowDescription: 5 };
const sender = { kinds: ALL, limits: { ...limits, ...lists, linkButton: 4, contacts: 1 } };
const url = 'https://example.com/x';
const faultsOf = (content: object) =>
  findFaults(outboundContent.parse(content), sender).map(({ field, code }) => `${field} ${code}`);

describe('what a channel cannot send', () => {
  test.each<[string, object, string[]]>([
    ['a kind it does not know', { kind: 'sticker', media: { url } }, ['kind channel_kind']],
    ['a long text', { kind: 'text', body: '123456' }, ['body too_big']],
    ['nothing, for a text of emojis', { kind: 'text', body: '😀😀😀😀😀' }, []],
    ['a long caption', { kind: 'image', media: { url }, caption: '12345' }, ['caption too_big']],
    ['a long file name', { kind: 'document', media: { url }, fileName: 'abc.pdf' }, ['fileName too_big']],
    ['many cards', { kind: 'contacts', contacts: [{ name: 'A' }, { name: 'B' }] }, ['contacts too_big']],
    [
      'many and equal buttons',
      {
        kind: 'buttons',
        body: 'Choose!',
        header: { text: 'Menu' },
        buttons: [
          { id: 'a', title: 'One' },
          { id: 'a', title: 'One' },
          { id: 'long', title: 'Three' },
        ],
      },
      [
        'header.text too_big',
        'body too_big',
        'buttons too_big',
        'buttons.2.id too_big',
        'buttons.2.title too_big',
        'buttons.1.id duplicate',
        'buttons.1.title duplicate',
      ],
    ],
    [
      'a list with too much in it',
      {
        kind: 'list',
        body: 'Menu',
        button: 'Open it',
        sections: [
          { title: 'Food', rows: [{ id: 'a', title: 'Pasta' }] },
          {
            rows: [
              { id: 'a', title: 'Rice', description: 'With fish' },
              { id: 'b', title: 'Soup' },
            ],
          },
        ],
      },
      [
        'button too_big',
        'sections.0.title too_big',
        'sections.0.rows.0.title too_big',
        'sections.1.title required',
        'sections.1.rows.0.description too_big',
        'sections.1.rows.0.id duplicate',
        'sections too_big',
      ],
    ],
    ['a long button of a link', { kind: 'link', body: 'See', button: 'Our page', url }, ['button too_big']],
  ])('%s', (_name, content, faults) => {
    expect(faultsOf(content)).toEqual(faults);
  });

  test('a connector of the version before sends texts alone', () => {
    const text = outboundContent.parse({ kind: 'text', body: 'x'.repeat(5000) });
    expect(findFaults(text, {})).toEqual([]);
    expect(findFaults({ kind: 'sticker', media: { url } }, {})).toHaveLength(1);
  });

  test('an emoji of one code point is one character', () => {
    expect(charactersOf('añ😀')).toBe(3);
    expect(characters(2).safeParse(' 😀😀 ').data).toBe('😀😀');
    const { error } = characters(2).safeParse('😀😀😀');
    expect(error?.issues).toMatchObject([{ code: 'too_big', maximum: 2, origin: 'string' }]);
    expect(characters(2).safeParse(' ').success).toBe(false);
  });

  test.each([
    ['neither a file nor a link', { kind: 'image', media: {} }],
    ['both a file and a link', { kind: 'image', media: { url, fileId: '0198f5a0-0000-7000-8000-000000000001' } }],
    ['another scheme', { kind: 'image', media: { url: 'file:///etc/passwd' } }],
    ['two ways to fill a template', { kind: 'template', name: 'a', language: 'es', params: {}, components: [] }],
  ])('%s is refused at once', (_name, content) => {
    expect(outboundContent.safeParse(content).success).toBe(false);
  });
});

import { z } from 'zod';
import { FIELD_CODES, type FieldCode, type FieldError } from './errors.ts';
import type { OutboundContent } from './outbound-content.ts';
import { charactersOf } from './primitives.ts';

/** What a provider limits: lengths in characters, and numbers of pieces. */
export const LIMIT_NAMES = [
  'text',
  'caption',
  'fileName',
  'header',
  'body',
  'footer',
  'buttons',
  'buttonId',
  'buttonTitle',
  'listButton',
  'sections',
  'sectionTitle',
  'rows',
  'rowId',
  'rowTitle',
  'rowDescription',
  'linkButton',
  'contacts',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

export const outboundLimits = z.partialRecord(z.enum(LIMIT_NAMES), z.number().int());
export type OutboundLimits = z.infer<typeof outboundLimits>;

/** What is known of the channel that content goes out on. */
export interface Sender {
  kinds?: readonly string[] | undefined;
  limits?: OutboundLimits | undefined;
  /** The kinds that a group takes, when it goes to one. */
  groupKinds?: readonly string[] | undefined;
}

type Kind<K extends OutboundContent['kind']> = Extract<OutboundContent, { kind: K }>;

/** What a channel cannot send of some content, each with its field. Empty when it can send all. */
export function findFaults(
  content: OutboundContent,
  { kinds = ['text'], groupKinds = kinds, limits = {} }: Sender,
): FieldError[] {
  if (!kinds.includes(content.kind)) return [fault('kind', 'channel_kind')];
  if (!groupKinds.includes(content.kind)) return [fault('kind', 'group_kind')];
  const faults: FieldError[] = [];
  const most = (name: LimitName, field: string, value: string | readonly unknown[] | undefined) => {
    const maximum = limits[name];
    if (maximum === undefined || value === undefined) return;
    if (typeof value === 'string' ? charactersOf(value) > maximum : value.length > maximum) {
      faults.push(tooBig(field, maximum, typeof value === 'string' ? 'string' : 'array'));
    }
  };
  const different = (values: { field: string; value: string }[]) => {
    const seen = new Set<string>();
    for (const { field, value } of values) {
      if (seen.has(value)) faults.push(fault(field, 'duplicate'));
      seen.add(value);
    }
  };
  const around = ({ header, body, footer }: Kind<'buttons' | 'list' | 'link'>) => {
    most('header', 'header.text', header?.text);
    most('fileName', 'header.file.fileName', header?.file?.fileName);
    most('body', 'body', body);
    most('footer', 'footer', footer);
  };
  switch (content.kind) {
    case 'text':
      most('text', 'body', content.body);
      break;
    case 'image':
    case 'video':
      most('caption', 'caption', content.caption);
      break;
    case 'document':
      most('caption', 'caption', content.caption);
      most('fileName', 'fileName', content.fileName);
      break;
    case 'contacts':
      most('contacts', 'contacts', content.contacts);
      break;
    case 'buttons': {
      around(content);
      const { buttons } = content;
      most('buttons', 'buttons', buttons);
      buttons.forEach(({ id, title }, i) => {
        most('buttonId', `buttons.${i}.id`, id);
        most('buttonTitle', `buttons.${i}.title`, title);
      });
      different(buttons.map(({ id }, i) => ({ field: `buttons.${i}.id`, value: id })));
      different(buttons.map(({ title }, i) => ({ field: `buttons.${i}.title`, value: title })));
      break;
    }
    case 'list':
      around(content);
      checkSections(content, most, different, faults);
      most(
        'rows',
        'sections',
        content.sections.flatMap(({ rows }) => rows),
      );
      if (content.header?.file) faults.push(fault('header.file', 'channel_kind'));
      break;
    case 'link':
      around(content);
      most('linkButton', 'button', content.button);
      break;
  }
  return faults;
}

function checkSections(
  { button, sections }: Kind<'list'>,
  most: (name: LimitName, field: string, value: string | readonly unknown[] | undefined) => void,
  different: (values: { field: string; value: string }[]) => void,
  faults: FieldError[],
): void {
  most('listButton', 'button', button);
  most('sections', 'sections', sections);
  const ids: { field: string; value: string }[] = [];
  sections.forEach(({ title, rows }, s) => {
    if (sections.length > 1 && title === undefined) faults.push(fault(`sections.${s}.title`, 'required'));
    most('sectionTitle', `sections.${s}.title`, title);
    rows.forEach((row, r) => {
      const at = `sections.${s}.rows.${r}`;
      most('rowId', `${at}.id`, row.id);
      most('rowTitle', `${at}.title`, row.title);
      most('rowDescription', `${at}.description`, row.description);
      ids.push({ field: `${at}.id`, value: row.id });
    });
  });
  different(ids);
}

const fault = (field: string, code: FieldCode): FieldError => ({ field, message: FIELD_CODES[code], code });

const tooBig = (field: string, maximum: number, origin: 'string' | 'array'): FieldError => ({
  field,
  message: `At most ${maximum}`,
  code: 'too_big',
  params: { origin, maximum, inclusive: true },
});

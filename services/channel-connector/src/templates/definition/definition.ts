import type { TemplateParameter, template } from '@recado/contracts';
import type { z } from 'zod';

type Template = z.infer<typeof template>;
export type Fields = Record<string, unknown>;

/** What the rules need of a template. */
export type TemplateDefinition = Pick<Template, 'category' | 'parameterFormat' | 'components'>;

/** A text with its placeholders, in their order, each once. */
export interface TextPart {
  text: string;
  names: string[];
  /** Where it stands in `components`. */
  at: string;
  source: Fields;
}

export interface HeaderPart extends TextPart {
  /** TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION … */
  format: string;
}

export interface ButtonPart {
  /** QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE, FLOW … */
  type: string;
  text: string;
  source: Fields;
  at: string;
}

/** The parts of a template, or of one card of a carousel. */
export interface Parts {
  header: HeaderPart | null;
  body: TextPart | null;
  footer: TextPart | null;
  buttons: ButtonPart[];
  cards: Parts[];
  /** An offer with a countdown. */
  expires: boolean;
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Names between double braces, in their order, each once. */
export const placeholdersOf = (text: string): string[] => [
  ...new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1]!)),
];

/** A text with its placeholders replaced; those without a value stay. */
export const fillText = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(PLACEHOLDER, (whole, name: string) => values.get(name) ?? whole);

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const upper = (value: unknown): string => textOf(value).toUpperCase();
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

/** Reads components as WhatsApp defines them. What is not understood is left out. */
export function readParts(components: readonly Fields[], at = 'components'): Parts {
  const parts: Parts = { header: null, body: null, footer: null, buttons: [], cards: [], expires: false };
  for (const [i, component] of components.entries()) {
    const place = `${at}.${i}`;
    const text = textOf(component.text);
    const part: TextPart = { text, names: placeholdersOf(text), at: place, source: component };
    switch (upper(component.type)) {
      case 'HEADER':
        parts.header ??= { ...part, format: upper(component.format) || 'TEXT' };
        break;
      case 'BODY':
        parts.body ??= part;
        break;
      case 'FOOTER':
        parts.footer ??= part;
        break;
      case 'BUTTONS':
        parts.buttons = listOf(component.buttons).map((button, n) => readButton(button, `${place}.buttons.${n}`));
        break;
      case 'CAROUSEL':
        parts.cards = listOf(component.cards).map((card, n) =>
          readParts(listOf(card.components), `${place}.cards.${n}.components`),
        );
        break;
      case 'LIMITED_TIME_OFFER':
        parts.expires = isFields(component.limited_time_offer) && component.limited_time_offer.has_expiration === true;
    }
  }
  return parts;
}

const readButton = (button: Fields, at: string): ButtonPart => ({
  type: upper(button.type),
  text: textOf(button.text),
  source: button,
  at,
});

/** What a message gives a button. `required` is false for what the provider has a default for. */
export function valueOfButton({ type, source }: ButtonPart): { kind: string; required: boolean } | null {
  switch (type) {
    case 'URL':
      return placeholdersOf(textOf(source.url)).length > 0 ? { kind: 'text', required: true } : null;
    case 'OTP':
      return { kind: 'text', required: true };
    case 'COPY_CODE':
      return { kind: 'coupon_code', required: true };
    case 'QUICK_REPLY':
      return { kind: 'payload', required: false };
    case 'FLOW':
    case 'CATALOG':
      return { kind: 'action', required: false };
    case 'MPM':
    case 'ORDER_DETAILS':
      return { kind: 'action', required: true };
    default:
      return null;
  }
}

/** The values that a message with this template has to give, for forms. */
export function parametersOf({ components }: Pick<TemplateDefinition, 'components'>): TemplateParameter[] {
  const parts = readParts(components);
  return [...partParameters(parts), ...parts.cards.flatMap((card) => partParameters(card, 'card'))];
}

function partParameters({ header, body, buttons }: Parts, card?: 'card'): TemplateParameter[] {
  const list: TemplateParameter[] = [];
  if (header?.format === 'TEXT') list.push(...textParameters(header, card ?? 'header', headerExamples(header.source)));
  else if (header) {
    const kind = header.format.toLowerCase();
    list.push({ part: card ?? 'header', name: 'header', kind, index: null, example: null, required: true });
  }
  if (body) list.push(...textParameters(body, card ?? 'body', bodyExamples(body.source)));
  for (const [index, button] of buttons.entries()) {
    const value = valueOfButton(button);
    if (!value) continue;
    const example = [button.source.example].flat().find((one) => typeof one === 'string');
    list.push({ part: card ?? 'button', name: `button.${index}`, index, example: example ?? null, ...value });
  }
  return list;
}

const textParameters = (part: TextPart, kind: TemplateParameter['part'], examples: ReadonlyMap<string, string>) =>
  part.names.map((name) => ({
    part: kind,
    name,
    kind: 'text',
    index: null,
    example: examples.get(name) ?? null,
    required: true,
  }));

/** The examples of a header's variable, by its name or place. */
export const headerExamples = ({ example }: Fields) =>
  isFields(example) ? named(example.header_text_named_params, example.header_text) : new Map<string, string>();

/** The examples of a body's variables, by their names or places. */
export function bodyExamples({ example }: Fields): Map<string, string> {
  if (!isFields(example)) return new Map();
  const first = Array.isArray(example.body_text) ? example.body_text[0] : undefined;
  return named(example.body_text_named_params, Array.isArray(first) ? first : example.body_text);
}

function named(byName: unknown, byPlace: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (const one of listOf(byName)) found.set(textOf(one.param_name), textOf(one.example));
  const places = Array.isArray(byPlace) ? byPlace : typeof byPlace === 'string' ? [byPlace] : [];
  for (const [i, value] of places.entries()) if (typeof value === 'string') found.set(String(i + 1), value);
  return found;
}

/** Characters as WhatsApp counts them: an emoji outside the basic plane is one. */
export const lengthOf = (text: string): number => [...text].length;

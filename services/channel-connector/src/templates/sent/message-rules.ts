import type { FieldCode, FieldError, SentComponent, TemplatePreview } from '@recado/contracts';
import { FIELD_CODES, uuid } from '@recado/contracts';
import {
  type ButtonPart,
  type Fields,
  fillText,
  type HeaderPart,
  isFields,
  lengthOf,
  type Parts,
  readParts,
  type TemplateDefinition,
  type TextPart,
  textOf,
  valueOfButton,
} from '../definition/definition.ts';

/** Values of a message as they were given. */
export interface GivenValues {
  params?: Readonly<Record<string, string>> | undefined;
  components?: readonly SentComponent[] | undefined;
}

export type CheckedMessage =
  | { ok: true; components: SentComponent[]; preview: TemplatePreview }
  | { ok: false; errors: FieldError[] };

/** A value with the field that it was given in. */
interface Value {
  value: Fields;
  field: string;
}

/** Finds what was given for a part of the template. */
interface Source {
  header(part: HeaderPart): Value[];
  body(part: TextPart): Value[];
  button(index: number, part: ButtonPart): Value[];
  /** What names a missing value. */
  missing(part: 'header' | 'body' | 'button', name: string): string;
}

interface Filled {
  components: SentComponent[];
  errors: FieldError[];
  header: string | null;
  body: string;
  buttons: TemplatePreview['buttons'];
}

const HEADER_MAX = 60;
/** With other parts beside the body. */
const BODY_MAX = 1024;
const BODY_ALONE_MAX = 32_768;
const COUPON_MAX = 15;
const MEDIA = ['IMAGE', 'VIDEO', 'DOCUMENT', 'GIF'];

/**
 * Checks the values of a message against its template, and fills the template in. The components
 * are complete: as the provider takes them.
 */
export function checkMessage(template: TemplateDefinition, given: GivenValues): CheckedMessage {
  const parts = readParts(template.components);
  const errors = given.components ? unknownComponents(parts, given.components) : unknownParams(parts, given.params);
  const source = given.components ? fromComponents(given.components, 'components') : fromParams(template, given.params);
  const filled = fill(template, parts, source);
  errors.push(...filled.errors);
  if (parts.cards.length > 0) fillCards(template, parts, given, filled, errors);
  if (parts.expires) takeOffer(given, filled, errors);
  if (errors.length > 0) return { ok: false, errors };
  const footer = parts.footer?.text ?? null;
  const header = parts.header && { format: parts.header.format.toLowerCase(), text: filled.header };
  const text = [filled.header, filled.body, footer].filter((one) => one).join('\n\n');
  return {
    ok: true,
    components: filled.components,
    preview: { header, body: filled.body, footer, buttons: filled.buttons, text },
  };
}

const problem = (field: string, code: FieldCode): FieldError => ({ field, code, message: FIELD_CODES[code] });
const tooLong = (field: string, maximum: number): FieldError => ({
  field,
  code: 'too_big',
  message: `At most ${maximum} characters`,
  params: { origin: 'string', maximum, inclusive: true },
});

function fill(template: TemplateDefinition, parts: Parts, source: Source): Filled {
  const errors: FieldError[] = [];
  const components: SentComponent[] = [];
  let header: string | null = null;
  if (parts.header?.format === 'TEXT') {
    const values = source.header(parts.header);
    header = fillPart(template, parts.header, 'header', values, source, HEADER_MAX, errors);
    if (values.length > 0) components.push({ type: 'header', parameters: values.map(({ value }) => value) });
  } else if (parts.header) {
    const [value, ...more] = source.header(parts.header);
    if (!value) errors.push(problem(source.missing('header', 'header'), 'template_missing'));
    else errors.push(...checkFile(parts.header.format, value), ...more.map(extra));
    if (value) components.push({ type: 'header', parameters: [value.value] });
  }
  const values = parts.body ? source.body(parts.body) : [];
  const alone = !parts.header && !parts.footer && parts.buttons.length === 0;
  const max = alone ? BODY_ALONE_MAX : BODY_MAX;
  const body = parts.body ? fillPart(template, parts.body, 'body', values, source, max, errors) : '';
  if (values.length > 0) components.push({ type: 'body', parameters: values.map(({ value }) => value) });
  const buttons = parts.buttons.map((button, index) => fillButton(button, index, source, components, errors));
  return { components, errors, header, body, buttons };
}

const extra = ({ field }: Value): FieldError => problem(field, 'template_extra');

/** Fills a text, and notes what is missing, too much or of the wrong kind. */
function fillPart(
  { parameterFormat }: Pick<TemplateDefinition, 'parameterFormat'>,
  part: TextPart,
  kind: 'header' | 'body',
  values: readonly Value[],
  source: Source,
  max: number,
  errors: FieldError[],
): string {
  const texts = new Map<string, string>();
  const before = errors.length;
  for (const [i, one] of values.entries()) {
    const name = parameterFormat === 'named' ? textOf(one.value.parameter_name) : String(i + 1);
    if (!part.names.includes(name)) {
      errors.push(parameterFormat === 'named' ? problem(one.field, 'template_param_name') : extra(one));
      continue;
    }
    const text = readText(one, errors);
    if (text !== null) texts.set(name, text);
  }
  const given = new Set(values.map(({ value }, i) => textOf(value.parameter_name) || String(i + 1)));
  for (const name of part.names) {
    const there = parameterFormat === 'named' ? given.has(name) : Number(name) <= values.length;
    if (!there) errors.push(problem(source.missing(kind, name), 'template_missing'));
  }
  const filled = fillText(part.text, texts);
  if (errors.length === before && lengthOf(filled) > max) {
    errors.push(tooLong(values.length > 0 ? values[0]!.field : 'name', max));
  }
  return filled;
}

/** The text of a value; null when it has none. */
function readText({ value, field }: Value, errors: FieldError[]): string | null {
  const type = textOf(value.type) || 'text';
  if (type === 'currency' || type === 'date_time') {
    const part = value[type];
    const fallback = isFields(part) ? textOf(part.fallback_value) : '';
    if (fallback === '') errors.push(problem(field, 'template_kind'));
    return fallback || null;
  }
  const text = textOf(value.text);
  if (type !== 'text') errors.push(problem(field, 'template_kind'));
  else if (text === '') errors.push(problem(field, 'template_missing'));
  else if (/[\n\r\t]| {5}/.test(text)) errors.push(problem(field, 'template_spaces'));
  else return text;
  return null;
}

function checkFile(format: string, { value, field }: Value): FieldError[] {
  const kind = format === 'GIF' ? ['gif', 'video'] : [format.toLowerCase()];
  const type = textOf(value.type);
  const part = value[type];
  if (!kind.includes(type) || !isFields(part)) return [problem(field, 'template_kind')];
  if (format === 'LOCATION') {
    const placed = [part.latitude, part.longitude].every((one) => Number.isFinite(Number(one ?? Number.NaN)));
    return placed ? [] : [problem(field, 'template_missing')];
  }
  if (!MEDIA.includes(format)) return [];
  const named = [part.id, part.link, part.fileId].filter((one) => textOf(one) !== '');
  return named.length === 1 ? [] : [problem(field, named.length === 0 ? 'template_missing' : 'template_extra')];
}

const SUB_TYPES: Record<string, string> = { OTP: 'url' };

/** The button as it will be shown. Its value goes to `components`. */
function fillButton(
  button: ButtonPart,
  index: number,
  source: Source,
  components: SentComponent[],
  errors: FieldError[],
): TemplatePreview['buttons'][number] {
  const shown = { type: button.type.toLowerCase(), text: button.text };
  const url = textOf(button.source.url) || textOf(button.source.phone_number) || null;
  const wanted = valueOfButton(button);
  const [value, ...more] = source.button(index, button);
  errors.push(...more.map(extra));
  if (!wanted) {
    if (value) errors.push(extra(value));
    return { ...shown, value: url };
  }
  const parameter = value?.value ?? defaultOf(button);
  if (!parameter) {
    if (wanted.required) errors.push(problem(source.missing('button', String(index)), 'template_missing'));
    return { ...shown, value: url };
  }
  if (value) errors.push(...checkButton(wanted.kind, value));
  const subType = SUB_TYPES[button.type] ?? button.type.toLowerCase();
  components.push({ type: 'button', sub_type: subType, index: String(index), parameters: [parameter] });
  const text = textOf(parameter.text);
  if (url) return { ...shown, value: text ? url.replace(/\{\{[^{}]*\}\}/, () => text) : url };
  return { ...shown, value: textOf(parameter.coupon_code) || text || textOf(parameter.payload) || null };
}

/** A form without data of its own still needs its part. */
const defaultOf = ({ type }: ButtonPart): Fields | null =>
  type === 'FLOW' ? { type: 'action', action: { flow_token: 'unused' } } : null;

function checkButton(kind: string, { value, field }: Value): FieldError[] {
  if (textOf(value.type) !== kind) return [problem(field, 'template_kind')];
  if (kind === 'action') return isFields(value.action) ? [] : [problem(field, 'template_missing')];
  const text = textOf(value[kind]);
  if (text === '') return [problem(field, 'template_missing')];
  if (kind === 'coupon_code' && lengthOf(text) > COUPON_MAX) return [tooLong(field, COUPON_MAX)];
  return kind === 'text' && /\s/.test(text) ? [problem(field, 'template_spaces')] : [];
}

function fillCards(
  template: TemplateDefinition,
  parts: Parts,
  given: GivenValues,
  filled: Filled,
  errors: FieldError[],
) {
  const at = given.components?.findIndex(({ type }) => type.toLowerCase() === 'carousel') ?? -1;
  const carousel = given.components?.[at];
  const cards = carousel && Array.isArray(carousel.cards) ? carousel.cards.filter(isFields) : [];
  if (cards.length !== parts.cards.length) {
    errors.push(problem(at < 0 ? 'components' : `components.${at}.cards`, 'template_missing'));
    return;
  }
  const sent = parts.cards.map((card, n) => {
    const own = Array.isArray(cards[n]!.components) ? (cards[n]!.components as SentComponent[]).filter(isFields) : [];
    const one = fill(template, card, fromComponents(own, `components.${at}.cards.${n}.components`));
    errors.push(...one.errors);
    return { card_index: n, components: one.components };
  });
  filled.components.push({ type: 'carousel', cards: sent });
}

/** When the offer ends. */
function takeOffer({ components = [] }: GivenValues, filled: Filled, errors: FieldError[]): void {
  const at = components.findIndex(({ type }) => type.toLowerCase() === 'limited_time_offer');
  const [parameter] = components[at]?.parameters ?? [];
  const offer = parameter?.limited_time_offer;
  if (!isFields(offer) || !Number.isFinite(Number(offer.expiration_time_ms ?? Number.NaN))) {
    errors.push(problem(at < 0 ? 'components' : `components.${at}`, 'template_missing'));
  } else filled.components.push({ type: 'limited_time_offer', parameters: [parameter!] });
}

/** Values as WhatsApp has them. */
function fromComponents(components: readonly SentComponent[], at: string): Source {
  const valuesOf = (i: number): Value[] =>
    (components[i]?.parameters ?? []).map((value, n) => ({ value, field: `${at}.${i}.parameters.${n}` }));
  const placeOf = (type: string) => components.findIndex((one) => one.type.toLowerCase() === type);
  const buttonAt = (index: number) =>
    components.findIndex((one) => one.type.toLowerCase() === 'button' && Number(one.index ?? 0) === index);
  return {
    header: () => valuesOf(placeOf('header')),
    body: () => valuesOf(placeOf('body')),
    button: (index) => valuesOf(buttonAt(index)),
    missing: (part, name) => {
      const place = part === 'button' ? buttonAt(Number(name)) : placeOf(part);
      return place < 0 ? at : `${at}.${place}.parameters`;
    },
  };
}

/** Values by place or name; `header` and `button.0` are those of the other parts. */
function fromParams({ category, parameterFormat }: TemplateDefinition, params: GivenValues['params'] = {}): Source {
  const has = (key: string) => Object.hasOwn(params, key);
  const givenIn = (key: string, name: string): Value[] =>
    has(key)
      ? [
          {
            value: { type: 'text', ...(parameterFormat === 'named' && { parameter_name: name }), text: params[key]! },
            field: `params.${key}`,
          },
        ]
      : [];
  return {
    header: ({ format, names }) => {
      if (format === 'TEXT') {
        const [name] = names;
        if (name === undefined) return [];
        return givenIn(parameterFormat === 'named' && has(name) ? name : 'header', name);
      }
      const type = format.toLowerCase();
      if (!has('header')) return [];
      const named = params.header!;
      // A file of ours, or a link.
      const file = uuid().safeParse(named).success ? { fileId: named } : { link: named };
      return [{ value: { type, [type]: file }, field: 'params.header' }];
    },
    // A gap ends what has a place: the rest is missing.
    body: ({ names }) => {
      const given = names.map((name) => givenIn(name, name));
      const end = parameterFormat === 'named' ? -1 : given.findIndex((one) => one.length === 0);
      return (end < 0 ? given : given.slice(0, end)).flat();
    },
    button: (index, button) => {
      const wanted = valueOfButton(button);
      // The code of an authentication stands in its button too.
      const code = category === 'authentication' && !has(`button.${index}`) && button.type !== 'QUICK_REPLY';
      const key = code ? '1' : `button.${index}`;
      if (!wanted || !has(key)) return [];
      return [{ value: { type: wanted.kind, [wanted.kind]: params[key]! }, field: `params.${key}` }];
    },
    missing: (part, name) => `params.${part === 'body' ? name : part === 'header' ? 'header' : `button.${name}`}`,
  };
}

function unknownParams({ header, body, buttons }: Parts, params: GivenValues['params'] = {}): FieldError[] {
  const known = new Set([
    ...(body?.names ?? []),
    ...(header?.names ?? []),
    ...(header && (header.format !== 'TEXT' || header.names.length > 0) ? ['header'] : []),
    ...buttons.map((_, index) => `button.${index}`),
  ]);
  return Object.keys(params).flatMap((key) => (known.has(key) ? [] : [problem(`params.${key}`, 'template_extra')]));
}

/** Components that the template has no place for. */
function unknownComponents(parts: Parts, components: readonly SentComponent[]): FieldError[] {
  const seen = new Set<string>();
  return components.flatMap((component, i) => {
    const type = component.type.toLowerCase();
    const key = type === 'button' ? `button ${Number(component.index ?? 0)}` : type;
    const repeated = seen.has(key);
    seen.add(key);
    const fits =
      (type === 'header' && parts.header !== null) ||
      (type === 'body' && parts.body !== null) ||
      (type === 'button' && parts.buttons[Number(component.index ?? 0)] !== undefined) ||
      (type === 'carousel' && parts.cards.length > 0) ||
      (type === 'limited_time_offer' && parts.expires);
    // A header or body without variables may come with no parameters.
    const values = component.parameters?.length ?? 0;
    const empty = (type === 'header' || type === 'body') && values === 0;
    if ((fits && !repeated) || (empty && !repeated)) return [];
    return [problem(`components.${i}`, 'template_extra')];
  });
}

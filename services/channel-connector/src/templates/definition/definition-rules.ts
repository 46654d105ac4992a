import { FIELD_CODES, type FieldCode, type FieldError, uuid } from '@recado/contracts';
import {
  type ButtonPart,
  bodyExamples,
  type Fields,
  type HeaderPart,
  headerExamples,
  isFields,
  lengthOf,
  type Parts,
  placeholdersOf,
  readParts,
  type TemplateDefinition,
  type TextPart,
  textOf,
} from './definition.ts';

const MAX = { header: 60, body: 1024, footer: 60, button: 25, url: 2000, phone: 20, coupon: 15 } as const;
const MAX_BUTTONS = 10;
/** Of a kind, in one template. */
const MAX_OF_KIND: Record<string, number> = {
  URL: 2,
  PHONE_NUMBER: 1,
  COPY_CODE: 1,
  FLOW: 1,
  OTP: 1,
  CATALOG: 1,
  MPM: 1,
};
const MAX_CARDS = 10;
const FORMATS = ['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'GIF', 'LOCATION'];
const ONCE = ['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER'];

const problem = (field: string, code: FieldCode): FieldError => ({ field, code, message: FIELD_CODES[code] });

function tooLong(field: string, text: string, maximum: number): FieldError[] {
  if (lengthOf(text) <= maximum) return [];
  const params = { origin: 'string', maximum, inclusive: true };
  return [{ field, code: 'too_big', message: `At most ${maximum} characters`, params }];
}

/** What the provider would refuse of a template, by the field. */
export function checkDefinition(template: TemplateDefinition): FieldError[] {
  const { components, category } = template;
  const types = components.map(({ type }) => type.toUpperCase());
  const repeated = types.flatMap((type, i) =>
    ONCE.includes(type) && types.indexOf(type) < i ? [problem(`components.${i}`, 'template_extra')] : [],
  );
  const parts = readParts(components);
  if (!parts.body) return [...repeated, problem('components', 'template_body')];
  if (category === 'authentication') return [...repeated, ...checkAuthentication(parts)];
  return [...repeated, ...checkParts(template, parts), ...checkCards(template, parts.cards)];
}

/** The provider writes the texts of these itself. */
function checkAuthentication({ header, body, buttons }: Parts): FieldError[] {
  const errors: FieldError[] = [];
  if (header) errors.push(problem(header.at, 'template_extra'));
  if (body!.text !== '') errors.push(problem(`${body!.at}.text`, 'template_extra'));
  if (buttons.length !== 1 || buttons[0]!.type !== 'OTP') errors.push(problem('components', 'template_buttons'));
  return errors;
}

function checkParts(template: TemplateDefinition, { header, body, footer, buttons }: Parts): FieldError[] {
  return [
    ...(header ? checkHeader(template, header) : []),
    ...(body ? checkBody(template, body) : []),
    ...(footer ? checkFooter(footer) : []),
    ...checkButtons(buttons),
  ];
}

/** Bold, italic, struck or monospaced text, an emoji, or a second line. */
const DECORATED = /[*_~`\n\r]|\p{Extended_Pictographic}/u;

function checkHeader(template: TemplateDefinition, part: HeaderPart): FieldError[] {
  const { at, format, text, names, source } = part;
  if (!FORMATS.includes(format)) return [problem(`${at}.format`, 'template_kind')];
  const example = isFields(source.example) ? source.example : {};
  if (format !== 'TEXT' && format !== 'LOCATION') return checkMedia(example, `${at}.example`);
  if (example.file_id !== undefined) return [problem(`${at}.example.file_id`, 'template_extra')];
  if (format === 'LOCATION') return [];
  const errors = [...needText(part, MAX.header), ...checkNames(template, part)];
  // A variable's name may hold an underscore.
  if (DECORATED.test(text.replace(/\{\{[^{}]*\}\}/g, ''))) errors.push(problem(`${at}.text`, 'template_plain'));
  if (names.length > 1) errors.push(problem(`${at}.text`, 'template_one_variable'));
  return [...errors, ...needExamples(part, headerExamples(source))];
}

/** A file is shown by a handle of the provider, or by one of ours. */
function checkMedia({ header_handle: handles, file_id: fileId }: Fields, at: string): FieldError[] {
  if (fileId === undefined) {
    return textOf([handles].flat()[0]) === '' ? [problem(`${at}.header_handle`, 'template_example')] : [];
  }
  if (handles !== undefined) return [problem(`${at}.header_handle`, 'template_extra')];
  return uuid().safeParse(fileId).success ? [] : [problem(`${at}.file_id`, 'uuid')];
}

function checkBody(template: TemplateDefinition, part: TextPart): FieldError[] {
  const { at, text, names, source } = part;
  const field = `${at}.text`;
  const errors = [...needText(part, MAX.body), ...checkNames(template, part)];
  if (/^\s*\{\{|\}\}\s*$/.test(text)) errors.push(problem(field, 'template_edge'));
  const words = text.replace(/\{\{[^{}]*\}\}/g, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  if (names.length > 0 && words < 2 * names.length + 1) errors.push(problem(field, 'template_ratio'));
  return [...errors, ...needExamples(part, bodyExamples(source))];
}

function checkFooter(part: TextPart): FieldError[] {
  const errors = needText(part, MAX.footer);
  if (part.names.length > 0) errors.push(problem(`${part.at}.text`, 'template_no_variables'));
  return errors;
}

function needText({ at, text }: TextPart, max: number): FieldError[] {
  return text.trim() === '' ? [problem(`${at}.text`, 'required')] : tooLong(`${at}.text`, text, max);
}

/** Places count from 1 without a gap; names are lower-case. A template has one kind of them. */
function checkNames({ parameterFormat }: TemplateDefinition, { at, names }: TextPart): FieldError[] {
  const fits =
    parameterFormat === 'named'
      ? names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))
      : names.every((name) => Number(name) >= 1 && Number(name) <= names.length && /^\d+$/.test(name));
  return fits ? [] : [problem(`${at}.text`, parameterFormat === 'named' ? 'template_param_name' : 'template_order')];
}

function needExamples({ at, names }: TextPart, examples: ReadonlyMap<string, string>): FieldError[] {
  const all = names.every((name) => (examples.get(name) ?? '').trim() !== '');
  return all ? [] : [problem(`${at}.example`, 'template_example')];
}

function checkButtons(buttons: readonly ButtonPart[]): FieldError[] {
  const [first] = buttons;
  if (!first) return [];
  const errors = buttons.flatMap(checkButton);
  const group = first.at.replace(/\.\d+$/, '');
  const count = (type: string) => buttons.filter((one) => one.type === type).length;
  const tooMany = Object.entries(MAX_OF_KIND).some(([type, max]) => count(type) > max);
  // Quick replies stand together, before or after all the others.
  const turns = buttons.filter((one, i) => i > 0 && isReply(one) !== isReply(buttons[i - 1]!)).length;
  if (buttons.length > MAX_BUTTONS || tooMany || turns > 1) errors.push(problem(group, 'template_buttons'));
  const texts = buttons.map(({ text }) => text);
  for (const [i, { at, text }] of buttons.entries()) {
    if (text !== '' && texts.indexOf(text) < i) errors.push(problem(`${at}.text`, 'template_repeated'));
  }
  return errors;
}

const isReply = ({ type }: ButtonPart) => type === 'QUICK_REPLY';

/** Kinds whose label the provider writes. */
const LABELLED = ['COPY_CODE', 'OTP', 'CATALOG', 'SPM', 'MPM', 'ORDER_DETAILS', 'REQUEST_CONTACT_INFO'];

function checkButton({ type, text, source, at }: ButtonPart): FieldError[] {
  const errors: FieldError[] = [];
  if (text === '' && !LABELLED.includes(type)) errors.push(problem(`${at}.text`, 'required'));
  errors.push(...tooLong(`${at}.text`, text, MAX.button));
  if (placeholdersOf(text).length > 0) errors.push(problem(`${at}.text`, 'template_no_variables'));
  switch (type) {
    case 'URL':
      return [...errors, ...checkUrl(source, at)];
    case 'PHONE_NUMBER': {
      const phone = textOf(source.phone_number);
      if (!/^\+?[\d\s()-]{5,}$/.test(phone)) errors.push(problem(`${at}.phone_number`, 'phone'));
      return [...errors, ...tooLong(`${at}.phone_number`, phone, MAX.phone)];
    }
    case 'COPY_CODE': {
      const code = textOf([source.example].flat()[0]);
      if (code === '') errors.push(problem(`${at}.example`, 'template_example'));
      return [...errors, ...tooLong(`${at}.example`, code, MAX.coupon)];
    }
    case 'FLOW': {
      const named = [source.flow_id, source.flow_name, source.flow_json].some((one) => textOf(one) !== '');
      return named ? errors : [...errors, problem(`${at}.flow_id`, 'required')];
    }
    case 'OTP':
      return [...errors, problem(`${at}.type`, 'template_kind')];
    case '':
      return [problem(`${at}.type`, 'required')];
    default:
      return errors;
  }
}

function checkUrl(source: Fields, at: string): FieldError[] {
  const url = textOf(source.url);
  const field = `${at}.url`;
  if (!URL.canParse(url.replace(/\{\{[^{}]*\}\}/g, 'x')) || !/^https?:\/\//i.test(url)) return [problem(field, 'url')];
  const errors = tooLong(field, url, MAX.url);
  const names = placeholdersOf(url);
  if (names.length === 0) return errors;
  if (names.length > 1 || !/\{\{[^{}]*\}\}$/.test(url)) errors.push(problem(field, 'template_url_end'));
  if (textOf([source.example].flat()[0]) === '') errors.push(problem(`${at}.example`, 'template_example'));
  return errors;
}

function checkCards(template: TemplateDefinition, cards: readonly Parts[]): FieldError[] {
  if (cards.length === 0) return [];
  const [first] = cards;
  const shape = ({ header, body, buttons }: Parts) =>
    JSON.stringify([header?.format, body !== null, buttons.map(({ type }) => type)]);
  const alike = cards.every((card) => shape(card) === shape(first!));
  const errors = cards.flatMap((card) => checkParts(template, card));
  if (cards.length < 2 || cards.length > MAX_CARDS || !alike) errors.push(problem('components', 'template_cards'));
  return errors;
}

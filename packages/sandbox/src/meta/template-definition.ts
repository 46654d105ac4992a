import { type Fields, invalid, isFields } from './fields.ts';
import { badBody, badFooter, badHeader, badParam, missingField, overLimit, refuseTemplate } from './template-errors.ts';

export type Category = 'MARKETING' | 'UTILITY' | 'AUTHENTICATION';

export interface Definition {
  name: string;
  language: string;
  category: Category;
  parameterFormat: 'POSITIONAL' | 'NAMED';
  components: Fields[];
}

const CATEGORIES = ['MARKETING', 'UTILITY', 'AUTHENTICATION'];
const TYPES = ['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER', 'CALL_PERMISSION_REQUEST'];
const FORMATS = ['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'GIF', 'LOCATION'];
const BUTTONS = [
  'QUICK_REPLY',
  'URL',
  'PHONE_NUMBER',
  'COPY_CODE',
  'FLOW',
  'OTP',
  'CATALOG',
  'MPM',
  'SPM',
  'ORDER_DETAILS',
  'VOICE_CALL',
  'REQUEST_CONTACT_INFO',
];
const LANGUAGES = new Set(
  (
    'af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en et fil fi fr ka de el gu ha he hi hu id ga it ja kn kk rw_RW ko ' +
    'ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa prs_AF ps_AF ro ru sr si_LK sk sl es sw sv ta te th tr uk ur uz vi zu'
  ).split(' '),
);
/** Languages that have variants by country. */
const WITH_COUNTRY = /^(?:ar|de|en|es|fr|nl)_[A-Z]{2,3}$/;
const MAX_BUTTONS = 10;
const MAX_OF_KIND: Fields = { URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1, FLOW: 1, OTP: 1 };

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
export const placeholders = (text: unknown): string[] => [
  ...new Set([...String(text ?? '').matchAll(PLACEHOLDER)].map((match) => match[1]!)),
];
const upper = (value: unknown): string => String(value ?? '').toUpperCase();
/** Meta counts characters, not UTF-16 units. */
export const lengthOf = (text: string): number => [...text].length;

/** Reads a template as it is created. Throws GraphError in Meta's words. */
export function readDefinition(input: Fields): Definition {
  const { name, language } = input;
  if (typeof name !== 'string' || name === '') throw invalid('The parameter name is required.');
  if (!/^[a-z0-9_]{1,512}$/.test(name)) {
    throw invalid('Param name must only contain lowercase alphanumeric characters and underscores, at most 512.');
  }
  if (typeof language !== 'string' || language === '') throw invalid('The parameter language is required.');
  if (!LANGUAGES.has(language) && !WITH_COUNTRY.test(language)) {
    throw invalid(`Param language must be one of the supported languages - got "${language}".`);
  }
  const parameterFormat = upper(input.parameter_format ?? 'POSITIONAL');
  if (parameterFormat !== 'POSITIONAL' && parameterFormat !== 'NAMED') {
    throw invalid(`Param parameter_format must be one of {NAMED, POSITIONAL} - got "${parameterFormat}".`);
  }
  const category = readCategory(input.category);
  const components = readComponents(input.components, category, parameterFormat);
  return { name, language, category, parameterFormat, components };
}

export function readCategory(value: unknown): Category {
  const category = upper(value);
  if (!CATEGORIES.includes(category)) {
    throw invalid(`Param category must be one of {${CATEGORIES.join(', ')}} - got "${category}".`);
  }
  return category as Category;
}

/** The components, if Meta would take them. Throws GraphError. */
export function readComponents(
  value: unknown,
  category: Category,
  parameterFormat: Definition['parameterFormat'],
): Fields[] {
  if (!Array.isArray(value) || value.length === 0) throw invalid('The parameter components is required.');
  const components = value.map((component, i) => {
    const type = isFields(component) ? upper(component.type) : '';
    if (!TYPES.includes(type)) {
      throw invalid(`Param components[${i}]['type'] must be one of {${TYPES.join(', ')}} - got "${type}".`);
    }
    return component as Fields;
  });
  const types = components.map(({ type }) => upper(type));
  const repeated = types.find((type, i) => types.indexOf(type) < i);
  if (repeated) throw invalid(`Only one component of type ${repeated} is allowed.`);
  if (!types.includes('BODY')) throw missingField('BODY', 'text');
  if (category === 'AUTHENTICATION') checkAuthentication(components);
  else for (const [i, component] of components.entries()) checkComponent(component, i, parameterFormat);
  return components;
}

/** Meta writes the texts of these itself. */
function checkAuthentication(components: readonly Fields[]): void {
  for (const [i, component] of components.entries()) {
    if (component.text !== undefined) throw badParam(`components[${i}]['text']`, 'is not allowed in this category.');
    if (upper(component.type) === 'HEADER') throw badParam(`components[${i}]`, 'is not allowed in this category.');
  }
  const buttons = buttonsOf(components.find(({ type }) => upper(type) === 'BUTTONS') ?? {});
  if (buttons.length !== 1 || upper(buttons[0]!.type) !== 'OTP') throw missingField('BUTTONS', 'otp');
}

function checkComponent(component: Fields, i: number, format: Definition['parameterFormat']): void {
  const type = upper(component.type);
  if (type === 'HEADER') checkHeader(component, i, format);
  if (type === 'BODY') checkBody(component, format);
  if (type === 'FOOTER') checkFooter(component);
  if (type === 'BUTTONS') checkButtons(buttonsOf(component), `components[${i}]`);
  if (type === 'CAROUSEL') checkCarousel(component, i, format);
}

function needText(component: Fields, max: number): string {
  const type = upper(component.type);
  const { text } = component;
  if (typeof text !== 'string' || text.trim() === '') throw missingField(type, 'text');
  if (lengthOf(text) > max) throw overLimit(type, max);
  return text;
}

function checkHeader(header: Fields, i: number, format: Definition['parameterFormat']): void {
  const kind = upper(header.format);
  if (!FORMATS.includes(kind)) {
    throw invalid(`Param components[${i}]['format'] must be one of {${FORMATS.join(', ')}} - got "${kind}".`);
  }
  const example = isFields(header.example) ? header.example : {};
  if (kind === 'LOCATION') return;
  if (kind !== 'TEXT') {
    const [handle] = [example.header_handle].flat();
    if (typeof handle !== 'string' || handle === '') throw missingField('HEADER', 'example');
    return;
  }
  const text = needText(header, 60);
  const names = checkNames(text, format, badHeader);
  if (/[*_~`\n\r]|\p{Extended_Pictographic}/u.test(text.replace(PLACEHOLDER, '')) || names.length > 1)
    throw badHeader();
  const given = format === 'NAMED' ? listOf(example.header_text_named_params) : [example.header_text].flat();
  if (given.filter(Boolean).length < names.length) throw missingField('HEADER', 'example');
}

function checkBody(body: Fields, format: Definition['parameterFormat']): void {
  const text = needText(body, 1024);
  const names = checkNames(text, format, () => badBody('Variables must be numbered from {{1}} on, or all be named.'));
  if (/^\s*\{\{|\}\}\s*$/.test(text)) {
    throw refuseTemplate(
      2388299,
      'Leading or trailing params not allowed',
      "Variables can't be at the start or end of the template.",
    );
  }
  const words = text.replace(PLACEHOLDER, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  if (names.length > 0 && words < 2 * names.length + 1) {
    throw refuseTemplate(
      2388293,
      'Parameters words ratio exceeds limit',
      'This template has too many variables for its length. Reduce the number of variables or increase the message length.',
    );
  }
  const example = isFields(body.example) ? body.example : {};
  const rows = Array.isArray(example.body_text) ? example.body_text : [];
  const given = format === 'NAMED' ? listOf(example.body_text_named_params) : Array.isArray(rows[0]) ? rows[0] : rows;
  if (given.filter(Boolean).length < names.length) throw missingField('BODY', 'example');
}

/** Names of the variables. Throws what `bad` makes for those that are not in order. */
function checkNames(text: string, format: Definition['parameterFormat'], bad: () => Error): string[] {
  const names = placeholders(text);
  const fits =
    format === 'NAMED'
      ? names.every((name) => /^[a-z][a-z0-9_]*$/.test(name))
      : names.every((name) => /^[1-9]\d*$/.test(name) && Number(name) <= names.length);
  if (!fits) throw bad();
  return names;
}

function checkFooter(footer: Fields): void {
  const text = needText(footer, 60);
  if (placeholders(text).length > 0) throw badFooter();
}

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const buttonsOf = ({ buttons }: Fields): Fields[] => listOf(buttons);

function checkButtons(buttons: readonly Fields[], path: string): void {
  if (buttons.length === 0) throw missingField('BUTTONS', 'buttons');
  if (buttons.length > MAX_BUTTONS) throw badParam(`${path}['buttons']`, `must have at most ${MAX_BUTTONS} elements.`);
  for (const [n, button] of buttons.entries()) checkButton(button, `${path}['buttons'][${n}]`);
  const kinds = buttons.map(({ type }) => upper(type));
  for (const [kind, max] of Object.entries(MAX_OF_KIND)) {
    const count = kinds.filter((one) => one === kind).length;
    if (count > Number(max)) throw badParam(`${path}['buttons']`, `must have at most ${max} of type ${kind}.`);
  }
  // Quick replies stand together, before or after all the others.
  const turns = kinds.filter((kind, i) => i > 0 && (kind === 'QUICK_REPLY') !== (kinds[i - 1] === 'QUICK_REPLY'));
  if (turns.length > 1) throw badParam(`${path}['buttons']`, 'must be grouped: quick replies apart from the others.');
  const texts = buttons.map(({ text }) => text).filter((text) => text !== undefined);
  if (new Set(texts).size < texts.length) throw badParam(`${path}['buttons']`, 'must not have the same text twice.');
}

/** Meta writes the labels of these. */
const UNLABELLED = ['COPY_CODE', 'OTP', 'CATALOG', 'MPM', 'SPM', 'ORDER_DETAILS', 'REQUEST_CONTACT_INFO'];

function checkButton(button: Fields, path: string): void {
  const type = upper(button.type);
  if (!BUTTONS.includes(type) || type === 'OTP') {
    throw invalid(`Param ${path}['type'] must be one of {${BUTTONS.join(', ')}} - got "${type}".`);
  }
  if (!UNLABELLED.includes(type)) {
    if (typeof button.text !== 'string' || button.text === '') throw missingField('BUTTONS', 'text');
    if (lengthOf(button.text) > 25) throw overLimit('BUTTONS', 25);
    if (placeholders(button.text).length > 0) throw badParam(`${path}['text']`, "can't have variables.");
  }
  const [example] = [button.example].flat();
  const exampled = typeof example === 'string' && example !== '';
  switch (type) {
    case 'URL': {
      const url = String(button.url ?? '');
      const names = placeholders(url);
      if (!URL.canParse(url.replace(PLACEHOLDER, 'x')) || !/^https?:/i.test(url)) {
        throw badParam(`${path}['url']`, 'is not a valid URI.');
      }
      if (lengthOf(url) > 2000) throw overLimit('BUTTONS', 2000);
      if (names.length > 1 || (names.length === 1 && !/\}\}$/.test(url))) {
        throw badParam(`${path}['url']`, 'may have one variable, at its end.');
      }
      if (names.length === 1 && !exampled) throw missingField('BUTTONS', 'example');
      return;
    }
    case 'PHONE_NUMBER':
      if (!/^\+?[\d\s()-]{5,20}$/.test(String(button.phone_number ?? ''))) {
        throw badParam(`${path}['phone_number']`, 'is not a valid phone number.');
      }
      return;
    case 'COPY_CODE':
      if (!exampled) throw missingField('BUTTONS', 'example');
      if (lengthOf(example as string) > 15) throw overLimit('BUTTONS', 15);
      return;
    case 'FLOW':
      if (![button.flow_id, button.flow_name, button.flow_json].some(Boolean)) throw missingField('BUTTONS', 'flow_id');
  }
}

function checkCarousel(carousel: Fields, i: number, format: Definition['parameterFormat']): void {
  const cards = listOf(carousel.cards);
  if (cards.length < 2 || cards.length > 10) {
    throw badParam(`components[${i}]['cards']`, 'must have between 2 and 10 elements.');
  }
  const shapes = cards.map((card) => {
    const components = listOf(card.components);
    for (const [n, component] of components.entries()) checkComponent(component, n, format);
    return components.map(({ type, format: kind }) => `${upper(type)} ${upper(kind)}`).join();
  });
  if (new Set(shapes).size > 1) throw badParam(`components[${i}]['cards']`, 'must all have the same components.');
}

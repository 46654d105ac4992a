import { GraphError } from './errors.ts';
import { type Fields, isFields } from './fields.ts';
import { lengthOf, placeholders } from './template-definition.ts';
import type { Template, TemplateStore } from './templates.ts';

const lower = (value: unknown): string => String(value ?? '').toLowerCase();
const upper = (value: unknown): string => String(value ?? '').toUpperCase();
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

const missing = (details: string) => new GraphError(131008, { details });
const mismatch = (details: string) => new GraphError(132012, { details });

/**
 * Checks a template send against the template: its being there, its state, its parameters. Throws
 * GraphError.
 */
export function checkTemplateSend(store: TemplateStore, wabaId: string, sent: Fields): void {
  const template = findUsable(store, wabaId, String(sent.name), String((sent.language as Fields).code));
  const given = listOf(sent.components);
  checkKnown(template.components, given);
  checkParts(template, template.components, given);
  const carousel = template.components.find(({ type }) => upper(type) === 'CAROUSEL');
  if (carousel) checkCards(template, listOf(carousel.cards), given);
  checkOffer(template.components, given);
}

function findUsable(store: TemplateStore, wabaId: string, name: string, language: string): Template {
  const template = store.find(wabaId, name, language);
  if (!template) throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  switch (template.status) {
    case 'APPROVED':
      return template;
    case 'PAUSED':
      throw new GraphError(132015, { details: `template (${name}) is paused` });
    case 'DISABLED':
      throw new GraphError(132016, { details: `template (${name}) is disabled` });
    default:
      throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  }
}

const SENT_TYPES = [
  'HEADER',
  'BODY',
  'BUTTON',
  'CAROUSEL',
  'LIMITED_TIME_OFFER',
  'ORDER_STATUS',
  'TAP_TARGET_CONFIGURATION',
];

/** Components of the send that the template has no place for. */
function checkKnown(components: readonly Fields[], given: readonly Fields[]): void {
  const buttons = listOf(components.find(({ type }) => upper(type) === 'BUTTONS')?.buttons);
  for (const [i, part] of given.entries()) {
    const type = upper(part.type);
    if (!SENT_TYPES.includes(type)) {
      throw new GraphError(100, {
        message: `(#100) Param template['components'][${i}]['type'] must be one of {${SENT_TYPES.join(', ')}} - got "${type}".`,
      });
    }
    if (type === 'BUTTON') checkKnownButton(buttons, part, i);
    const same = given.findIndex((one) => upper(one.type) === type && String(one.index) === String(part.index));
    if (same < i) throw new GraphError(131009, { details: `Component ${lower(part.type)} is given more than once` });
  }
}

function checkKnownButton(buttons: readonly Fields[], part: Fields, i: number): void {
  const index = Number(part.index ?? Number.NaN);
  if (!Number.isInteger(index)) throw missing(`The parameter template['components'][${i}]['index'] is required.`);
  const button = buttons[index];
  if (!button) throw new GraphError(131009, { details: `buttons: Button at index ${index} does not exist` });
  const type = upper(button.type);
  const wanted = type === 'OTP' ? 'URL' : type;
  if (upper(part.sub_type) !== wanted) {
    throw mismatch(`buttons: Button at index ${index} must be of sub_type ${lower(wanted)}`);
  }
}

/** Header, body and buttons of a template or of one card. */
function checkParts(template: Template, components: readonly Fields[], given: readonly Fields[]): void {
  const alone = components.length === 1;
  for (const kind of ['HEADER', 'BODY'] as const) {
    const component = components.find((one) => upper(one.type) === kind);
    const part = given.find((one) => upper(one.type) === kind);
    const parameters = listOf(part?.parameters);
    if (component) checkPart(template, kind, component, parameters, alone);
    else if (parameters.length > 0) throw count(lower(kind), parameters.length, 0);
  }
  const buttons = listOf(components.find(({ type }) => upper(type) === 'BUTTONS')?.buttons);
  for (const [index, button] of buttons.entries()) {
    const part = given.find((one) => upper(one.type) === 'BUTTON' && Number(one.index) === index);
    checkButton(upper(button.type), button, index, listOf(part?.parameters));
  }
}

const count = (label: string, sent: number, wanted: number) =>
  new GraphError(132000, {
    details: `${label}: number of localizable_params (${sent}) does not match the expected number of params (${wanted})`,
  });

function checkPart(
  template: Template,
  kind: 'HEADER' | 'BODY',
  component: Fields,
  parameters: readonly Fields[],
  alone: boolean,
): void {
  const label = lower(kind);
  const format = kind === 'BODY' ? 'TEXT' : upper(component.format ?? 'TEXT');
  if (format !== 'TEXT') {
    checkFile(label, format, parameters);
    return;
  }
  // Meta writes the body of an authentication itself: its code is the one parameter.
  const wanted =
    component.text === undefined && template.category === 'AUTHENTICATION' ? ['1'] : placeholders(component.text);
  if (parameters.length !== wanted.length) throw count(label, parameters.length, wanted.length);
  for (const parameter of parameters) checkText(template, label, wanted, parameter);
  const max = kind === 'HEADER' ? 60 : alone ? 32_768 : 1024;
  const filled = parameters.reduce((sum, { text }) => sum + lengthOf(String(text ?? '')), 0);
  const own = lengthOf(String(component.text ?? '').replace(/\{\{[^{}]*\}\}/g, ''));
  if (own + filled > max) {
    throw new GraphError(132005, { details: `${label}: the translated text is longer than ${max} characters` });
  }
}

function checkFile(label: string, format: string, parameters: readonly Fields[]): void {
  if (parameters.length !== 1) throw count(label, parameters.length, 1);
  const [parameter] = parameters;
  const type = lower(parameter!.type);
  const fits = type === format.toLowerCase() || (format === 'GIF' && type === 'video');
  if (!fits) throw mismatch(`${label}: Format mismatch, expected ${format}, received ${type.toUpperCase()}`);
  const part = parameter![type];
  if (!isFields(part)) throw missing(`${label}: parameter of type ${type} is missing ${type} value`);
  if (format === 'LOCATION') {
    if (part.latitude === undefined || part.longitude === undefined)
      throw missing(`${label}: latitude and longitude are required`);
    return;
  }
  const { id, link } = part;
  if ((id === undefined) === (link === undefined))
    throw missing(`${label}: Either id or link must be present in ${type}.`);
  if (link !== undefined && (typeof link !== 'string' || !/^https?:\/\//i.test(link))) {
    throw new GraphError(131009, { details: `${label}: link is not a valid URI` });
  }
}

function checkText(template: Template, label: string, wanted: readonly string[], parameter: Fields): void {
  const type = lower(parameter.type);
  if (!['text', 'currency', 'date_time'].includes(type)) {
    throw mismatch(`${label}: Format mismatch, expected TEXT, received ${type.toUpperCase()}`);
  }
  const { text } = parameter;
  if (type === 'text' && (typeof text !== 'string' || text === '')) {
    throw missing(`${label}: parameter of type text is missing text value`);
  }
  if (type !== 'text') {
    const part = parameter[type];
    if (!isFields(part) || part.fallback_value === undefined)
      throw missing(`${label}: ${type} is missing fallback_value`);
  }
  if (typeof text === 'string' && /[\n\r\t]| {5}/.test(text)) {
    throw new GraphError(132018, {
      details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
    });
  }
  if (template.parameterFormat === 'NAMED' && !wanted.includes(String(parameter.parameter_name))) {
    throw new GraphError(132000, {
      details: `${label}: Parameter name is missing or does not exist (${String(parameter.parameter_name)})`,
    });
  }
}

/** What each kind of button takes. */
const BUTTON_PARAMETERS: Record<string, string> = {
  URL: 'text',
  OTP: 'text',
  COPY_CODE: 'coupon_code',
  QUICK_REPLY: 'payload',
  FLOW: 'action',
  CATALOG: 'action',
  MPM: 'action',
  ORDER_DETAILS: 'action',
};
const NEEDED = ['OTP', 'COPY_CODE', 'MPM', 'ORDER_DETAILS', 'FLOW'];

function checkButton(type: string, button: Fields, index: number, parameters: readonly Fields[]): void {
  const name = `Button at index ${index} of type ${type.charAt(0)}${type.slice(1).toLowerCase()}`;
  const needed = NEEDED.includes(type) || (type === 'URL' && placeholders(button.url).length > 0);
  if (needed && parameters.length === 0) throw missing(`buttons: ${name} requires a parameter`);
  if (parameters.length === 0) return;
  const kind = BUTTON_PARAMETERS[type];
  if (!kind || (type === 'URL' && !needed) || parameters.length > 1) {
    throw new GraphError(132000, {
      details: `buttons: ${name} takes ${needed || kind ? 'one parameter' : 'no parameter'}`,
    });
  }
  const [parameter] = parameters;
  if (lower(parameter!.type) !== kind) throw mismatch(`buttons: ${name} requires a parameter of type ${kind}`);
  const value = parameter![kind];
  if (kind === 'action' ? !isFields(value) : typeof value !== 'string' || value === '') {
    throw missing(`buttons: ${name} is missing ${kind} value`);
  }
  const max = kind === 'coupon_code' ? 15 : kind === 'payload' ? 128 : 2000;
  if (typeof value === 'string' && lengthOf(value) > max) {
    throw new GraphError(131009, { details: `buttons: ${name}: ${kind} is longer than ${max} characters` });
  }
}

function checkCards(template: Template, cards: readonly Fields[], given: readonly Fields[]): void {
  const sent = listOf(given.find(({ type }) => upper(type) === 'CAROUSEL')?.cards);
  if (sent.length !== cards.length) throw count('carousel', sent.length, cards.length);
  for (const [n, card] of cards.entries()) {
    const own = sent.find(({ card_index: index }) => Number(index) === n);
    if (!own) throw missing(`carousel: card_index ${n} is missing`);
    checkParts(template, listOf(card.components), listOf(own.components));
  }
}

function checkOffer(components: readonly Fields[], given: readonly Fields[]): void {
  const offer = components.find(({ type }) => upper(type) === 'LIMITED_TIME_OFFER')?.limited_time_offer;
  if (!isFields(offer) || offer.has_expiration !== true) return;
  const [parameter] = listOf(given.find(({ type }) => upper(type) === 'LIMITED_TIME_OFFER')?.parameters);
  const value = parameter?.limited_time_offer;
  if (!isFields(value) || value.expiration_time_ms === undefined) {
    throw missing('limited_time_offer: expiration_time_ms is required');
  }
}

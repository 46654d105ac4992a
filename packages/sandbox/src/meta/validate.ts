import { GraphError } from './errors.ts';
import {
  badValue,
  type Fields,
  invalid,
  isFields,
  mayBoolean,
  mayText,
  missing,
  needFields,
  needList,
  needText,
} from './fields.ts';
import { validateInteractive } from './validate-interactive.ts';
import { checkMediaObject, type HasMedia, type MediaType, mediaTypes } from './validate-media.ts';

export const messageTypes = [
  'audio',
  'contacts',
  'document',
  'image',
  'interactive',
  'location',
  'reaction',
  'sticker',
  'template',
  'text',
  'video',
] as const;
export type MessageType = (typeof messageTypes)[number];

/** Source: Meta's page on group messaging. */
const GROUP_TYPES: readonly MessageType[] = ['text', 'image', 'video', 'audio', 'document', 'sticker', 'template'];

export interface OutboundMessage {
  to: string;
  toGroup: boolean;
  type: MessageType;
  body: Fields | unknown[];
  text: string | null;
  bizOpaqueCallbackData: string | null;
  contextMessageId: string | null;
}

/**
 * Checks a send as Meta does and takes out what the rest needs. `hasMedia`: an id was uploaded for
 * this number. `hasGroup`: the number is in it. Throws GraphError.
 */
export function parseOutbound(
  input: Fields,
  hasMedia: HasMedia,
  hasGroup: (id: string) => boolean = () => false,
): OutboundMessage {
  const recipient = input.to ?? input.recipient;
  if (recipient === undefined) throw invalid('The parameter to is required.');
  if (typeof recipient !== 'string' || recipient === '') throw invalid('Param to must be a string.');
  const recipientType = input.recipient_type ?? 'individual';
  if (recipientType !== 'individual' && recipientType !== 'group') {
    throw invalid(`Param recipient_type must be one of {GROUP, INDIVIDUAL} - got "${String(recipientType)}".`);
  }
  if (input.to !== undefined && recipientType === 'individual' && !/^\+?[\d\s()-]{5,24}$/.test(recipient)) {
    throw badValue('Recipient phone number is not valid.');
  }
  if (recipientType === 'individual' && hasGroup(recipient)) throw badValue('A group is no individual recipient.');
  if (recipientType === 'group' && input.to === undefined) throw invalid('The parameter to is required.');
  if (recipientType === 'group' && !hasGroup(recipient)) throw new GraphError(131041);
  const type = (input.type ?? 'text') as MessageType;
  if (recipientType === 'group' && !GROUP_TYPES.includes(type)) {
    throw invalid(`Messages of type ${type} are not supported in groups.`);
  }
  if (!messageTypes.includes(type)) {
    throw invalid(
      `Param type must be one of {${messageTypes.map((name) => name.toUpperCase()).join(', ')}} - got "${String(type)}".`,
    );
  }
  const body = input[type];
  if (body === undefined || body === null) throw missing(`The parameter ${type} is required.`);
  if (type === 'contacts') {
    if (!Array.isArray(body)) throw invalid('Param contacts must be an array.');
  } else if (!isFields(body)) throw invalid(`Param ${type} must be a JSON object.`);
  const opaque = mayText(input.biz_opaque_callback_data, 'biz_opaque_callback_data', 512);
  const context = input.context;
  if (context !== undefined && (!isFields(context) || typeof context.message_id !== 'string')) {
    throw invalid("Param context['message_id'] must be a string.");
  }
  if (isFields(context)) needMessageId(context.message_id);
  const text = mediaTypes.has(type)
    ? checkMediaObject(type as MediaType, type, body, hasMedia)
    : checks[type as keyof typeof checks](body as never, hasMedia);
  return {
    to: recipient,
    toGroup: recipientType === 'group',
    type,
    body: body as Fields | unknown[],
    text,
    bizOpaqueCallbackData: opaque,
    contextMessageId: isFields(context) ? (context.message_id as string) : null,
  };
}

/** Meta knows messages by ids of its own form alone. */
function needMessageId(id: unknown): void {
  if (!String(id).startsWith('wamid.')) throw badValue(`Message ID ${String(id)} is not valid.`);
}

function checkText(text: Fields): string {
  needFields(text, 'text', ['body', 'preview_url']);
  mayBoolean(text.preview_url, "text['preview_url']");
  return needText(text.body, "text['body']", 4096);
}

function checkTemplate(template: Fields): string {
  const name = needText(template.name, "template['name']", 512);
  const language = template.language;
  if (!isFields(language) || typeof language.code !== 'string')
    throw missing("The parameter template['language']['code'] is required.");
  if (template.components !== undefined && !Array.isArray(template.components)) {
    throw invalid("Param template['components'] must be an array.");
  }
  return name;
}

const CARD_KEYS = ['addresses', 'birthday', 'emails', 'name', 'org', 'phones', 'urls'] as const;
const NAME_PARTS = ['first_name', 'last_name', 'middle_name', 'suffix', 'prefix'] as const;
const LISTS = ['addresses', 'emails', 'phones', 'urls'] as const;

function checkContacts(contacts: unknown[]): string {
  if (contacts.length < 1 || contacts.length > 5) throw invalid('Param contacts must have between 1 and 5 elements.');
  return contacts.map(checkCard).join(', ');
}

/** Returns the name it shows. */
function checkCard(given: unknown, index: number): string {
  const at = `contacts[${index}]`;
  const card = needFields(given, at, CARD_KEYS);
  const name = needFields(card.name, `${at}['name']`, ['formatted_name', ...NAME_PARTS]);
  const shown = needText(name.formatted_name, `${at}['name']['formatted_name']`, 1024);
  if (!NAME_PARTS.some((part) => typeof name[part] === 'string' && name[part] !== '')) {
    throw missing(`At least one of ${NAME_PARTS.join(', ')} is required in ${at}['name'].`);
  }
  for (const list of LISTS) if (card[list] !== undefined) needList(card[list], `${at}['${list}']`, [0, 100]);
  if (card.birthday !== undefined && !/^\d{4}-\d\d-\d\d$/.test(String(card.birthday))) {
    throw invalid(`Param ${at}['birthday'] must be of the form YYYY-MM-DD.`);
  }
  return shown;
}

function checkLocation(location: Fields): string | null {
  needFields(location, 'location', ['latitude', 'longitude', 'name', 'address', 'url']);
  for (const [name, max] of [
    ['latitude', 90],
    ['longitude', 180],
  ] as const) {
    const value = location[name];
    if (value === undefined) throw missing(`The parameter location['${name}'] is required.`);
    const degrees = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof degrees !== 'number' || !(Math.abs(degrees) <= max))
      throw invalid(`Param location['${name}'] must be a number between -${max} and ${max}.`);
  }
  const name = mayText(location.name, "location['name']", 1000);
  return name ?? mayText(location.address, "location['address']", 1000);
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

function checkReaction(reaction: Fields): string {
  needFields(reaction, 'reaction', ['message_id', 'emoji']);
  needMessageId(needText(reaction.message_id, "reaction['message_id']", 512));
  // An empty emoji takes the reaction back.
  if (typeof reaction.emoji !== 'string') throw missing("The parameter reaction['emoji'] is required.");
  const shown = [...characters.segment(reaction.emoji)];
  if (shown.length > 1 || (shown.length === 1 && !/\p{Emoji}/u.test(reaction.emoji))) {
    throw badValue("Param reaction['emoji'] must be one emoji.");
  }
  return reaction.emoji;
}

const checks = {
  text: checkText,
  template: checkTemplate,
  contacts: checkContacts,
  location: checkLocation,
  reaction: checkReaction,
  interactive: validateInteractive,
};

import { badValue, type Fields, invalid, isFields, mayText, missing, needText } from './fields.ts';
import { validateInteractive } from './validate-interactive.ts';

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

export interface OutboundMessage {
  to: string;
  type: MessageType;
  body: Fields | unknown[];
  text: string | null;
  bizOpaqueCallbackData: string | null;
  contextMessageId: string | null;
}

const mediaTypes = new Set<string>(['audio', 'document', 'image', 'sticker', 'video']);

/**
 * Checks a send as Meta does and takes out what the rest needs.
 * `hasMedia` tells whether an id was uploaded for this number. Throws GraphError.
 */
export function parseOutbound(input: Fields, hasMedia: (id: string) => boolean): OutboundMessage {
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
  const type = (input.type ?? 'text') as MessageType;
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
  const text = mediaTypes.has(type)
    ? checkMedia(type, body as Fields, hasMedia)
    : checks[type as keyof typeof checks](body as never);
  return {
    to: recipient,
    type,
    body: body as Fields | unknown[],
    text,
    bizOpaqueCallbackData: opaque,
    contextMessageId: isFields(context) ? (context.message_id as string) : null,
  };
}

function checkMedia(type: string, media: Fields, hasMedia: (id: string) => boolean): string | null {
  const { id, link } = media;
  if (id === undefined && link === undefined) throw missing(`Either id or link must be present in ${type}.`);
  if (id !== undefined && link !== undefined) throw invalid(`Only one of id and link may be present in ${type}.`);
  if (id !== undefined && (typeof id !== 'string' || !hasMedia(id))) {
    throw invalid(`Param ${type}['id'] is not a valid whatsapp business account media attachment ID`);
  }
  if (link !== undefined && (typeof link !== 'string' || !URL.canParse(link) || !/^https?:/i.test(link))) {
    throw invalid(`Param ${type}['link'] is not a valid URI.`);
  }
  const caption = mayText(media.caption, `${type}['caption']`, 1024);
  if (caption !== null && (type === 'audio' || type === 'sticker')) {
    throw invalid(`Unexpected key "caption" on param "${type}".`);
  }
  if (type === 'document') mayText(media.filename, "document['filename']", 240);
  return caption;
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

function checkContacts(contacts: unknown[]): string {
  if (contacts.length < 1 || contacts.length > 5) throw invalid('Param contacts must have between 1 and 5 elements.');
  const names = contacts.map((contact, index) => {
    const name = isFields(contact) ? contact.name : undefined;
    if (!isFields(name)) throw missing(`The parameter contacts[${index}]['name'] is required.`);
    return needText(name.formatted_name, `contacts[${index}]['name']['formatted_name']`, 1024);
  });
  return names.join(', ');
}

function checkLocation(location: Fields): string | null {
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

function checkReaction(reaction: Fields): string {
  needText(reaction.message_id, "reaction['message_id']", 512);
  // An empty emoji takes the reaction back.
  if (typeof reaction.emoji !== 'string') throw missing("The parameter reaction['emoji'] is required.");
  if (reaction.emoji.length > 32) throw badValue("Param reaction['emoji'] must be one emoji.");
  return reaction.emoji;
}

const checks = {
  text: (text: Fields): string => needText(text.body, "text['body']", 4096),
  template: checkTemplate,
  contacts: checkContacts,
  location: checkLocation,
  reaction: checkReaction,
  interactive: validateInteractive,
};

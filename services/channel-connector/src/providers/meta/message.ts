import type { EventData, messageReceived } from '@recado/contracts';
import { cleanText, fitMetadata } from '../../webhooks/clean.ts';

type MessageType = EventData<typeof messageReceived>['type'];
type Json = Record<string, unknown>;

/** What a message says and carries, apart from who sent it when. */
export interface MessageBody {
  type: MessageType;
  /** The text, the caption, or a line a person can read. */
  content: string;
  metadata: Json | null;
  /** Set by kinds that are about another message (reactions). */
  about: string | null;
}

type Reader = (part: Json) => Omit<MessageBody, 'type' | 'about'> & { about?: string | null };

/**
 * Every known inbound kind of the Cloud API by `type`. Each reads the object of that name and may
 * throw Misshapen. All other kinds become `unsupported`.
 */
const READERS: Partial<Record<string, Reader>> = {
  text: (text) => ({ content: needString(text.body), metadata: null }),
  image: (media) => ({ content: caption(media, 'Image'), metadata: mediaOf(media) }),
  video: (media) => ({ content: caption(media, 'Video'), metadata: mediaOf(media) }),
  audio: (media) => ({ content: media.voice === true ? 'Voice message' : 'Audio', metadata: mediaOf(media) }),
  document: (media) => ({
    content: caption(media, string(media.filename) ?? 'Document'),
    metadata: mediaOf(media),
  }),
  sticker: (media) => ({ content: 'Sticker', metadata: mediaOf(media) }),
  location: (place) => {
    const latitude = needNumber(place.latitude);
    const longitude = needNumber(place.longitude);
    const name = string(place.name);
    const address = string(place.address);
    const said = [name, address].filter(Boolean).join(', ');
    return {
      content: said || `${latitude}, ${longitude}`,
      metadata: compact({ latitude, longitude, name, address, url: string(place.url) }),
    };
  },
  reaction: (reaction) => {
    const messageId = needString(reaction.message_id);
    // No emoji takes the reaction back.
    const emoji = string(reaction.emoji) ?? '';
    return { content: emoji || 'Reaction removed', metadata: { emoji: emoji || null, messageId }, about: messageId };
  },
  button: (button) => ({
    content: needString(button.text),
    metadata: compact({ payload: string(button.payload) }),
  }),
  interactive: (interactive) => readInteractive(interactive),
  order: (order) => {
    const items = Array.isArray(order.product_items) ? order.product_items : [];
    return {
      content: string(order.text) || `Order of ${items.length} ${items.length === 1 ? 'product' : 'products'}`,
      metadata: compact({ catalogId: string(order.catalog_id), items }),
    };
  },
  system: (system) => ({
    content: string(system.body) ?? 'System message',
    metadata: compact({ kind: string(system.type), waId: string(system.wa_id) ?? string(system.new_wa_id), system }),
  }),
};

/**
 * Reads one element of `messages[]`. Never throws: what is not understood is `unsupported`, with
 * the whole item as metadata.
 */
export function readMessageBody(item: Json): MessageBody {
  const kind = string(item.type) ?? '';
  const extra = extrasOf(item);
  try {
    if (kind === 'contacts') return { ...readContacts(item.contacts), ...withExtra(extra, contactsMetadata(item)) };
    const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    if (!reader) return unsupported(item, kind);
    const { content, metadata, about = null } = reader(needObject(item[kind]));
    return { type: kind as MessageType, content: cleanText(content), about, ...withExtra(extra, metadata) };
  } catch (error) {
    if (error instanceof Misshapen) return unsupported(item, kind);
    throw error;
  }
}

/** What the message says in a field it should have but has not, or has of another type. */
class Misshapen extends Error {}

function unsupported(item: Json, kind: string): MessageBody {
  const errors = Array.isArray(item.errors) ? item.errors : [];
  const title = isObject(errors[0]) ? (string(errors[0].title) ?? string(errors[0].message)) : null;
  const named =
    kind && kind !== 'unsupported' && kind !== 'unknown' ? `Unsupported message (${kind})` : 'Unsupported message';
  return { type: 'unsupported', content: cleanText(title ?? named, 500), metadata: fitMetadata(item), about: null };
}

function readInteractive(interactive: Json) {
  const kind = needString(interactive.type);
  const part = needObject(interactive[kind]);
  if (kind === 'list_reply' || kind === 'button_reply') {
    const metadata = compact({
      kind,
      id: string(part.id),
      title: string(part.title),
      description: string(part.description),
    });
    return { content: needString(part.title), metadata };
  }
  if (kind === 'nfm_reply') {
    const metadata = compact({ kind, name: string(part.name), responseJson: string(part.response_json) });
    return { content: string(part.body) || 'Form answered', metadata };
  }
  if (kind === 'call_permission_reply') {
    return { content: part.response === 'accept' ? 'Calls allowed' : 'Calls not allowed', metadata: { kind, ...part } };
  }
  throw new Misshapen();
}

function readContacts(contacts: unknown): { type: 'contacts'; content: string; about: null } {
  if (!Array.isArray(contacts)) throw new Misshapen();
  const names = contacts.map((one) => {
    const name = isObject(one) && isObject(one.name) ? one.name : {};
    return string(name.formatted_name) ?? string(name.first_name) ?? 'Contact';
  });
  return { type: 'contacts', content: cleanText(names.join(', ') || 'Contact', 1000), about: null };
}

function contactsMetadata(item: Json): Json {
  return fitMetadata({ contacts: item.contacts });
}

/** What any kind may carry besides: the ad it came from, forwarding marks. */
function extrasOf(item: Json): Json | null {
  const context = isObject(item.context) ? item.context : {};
  const forwarded = context.forwarded === true || context.frequently_forwarded === true;
  const product = isObject(context.referred_product) ? context.referred_product : null;
  const referral = isObject(item.referral) ? item.referral : null;
  if (!forwarded && !referral && !product) return null;
  return compact({ referral, referredProduct: product, forwarded: forwarded || null });
}

function withExtra(extra: Json | null, metadata: Json | null): { metadata: Json | null } {
  if (extra === null) return { metadata: metadata && fitMetadata(metadata) };
  return { metadata: fitMetadata({ ...metadata, ...extra }) };
}

function mediaOf(media: Json): Json {
  return compact({
    mediaId: string(media.id),
    mimeType: string(media.mime_type),
    sha256: string(media.sha256),
    fileName: string(media.filename),
    url: string(media.url),
    voice: media.voice === true || null,
    animated: media.animated === true || null,
  });
}

function caption(media: Json, otherwise: string): string {
  return string(media.caption) || otherwise;
}

function compact(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function needString(value: unknown): string {
  if (typeof value !== 'string') throw new Misshapen();
  return value;
}

function needNumber(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new Misshapen();
  return number;
}

function needObject(value: unknown): Json {
  if (!isObject(value)) throw new Misshapen();
  return value;
}

export function string(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

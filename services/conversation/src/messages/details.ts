import type { MessageDetails, MessageFile } from '@recado/contracts';
import type { ListedReaction, NewMessage } from './store.ts';

type Json = Record<string, unknown>;
type Stored = Pick<NewMessage, 'type' | 'content' | 'metadata' | 'details' | 'replyToProviderMessageId'>;

/**
 * What a message carries. Messages of before the column have it in their metadata, in the words of
 * that time.
 */
export function detailsOf(message: Stored): MessageDetails | null {
  if (message.details !== null) return message.details;
  if (message.metadata === null && message.replyToProviderMessageId === null) return null;
  const details: MessageDetails = { ...ofKind(message, message.metadata ?? {}), ...aroundOf(message) };
  return Object.keys(details).length > 0 ? details : null;
}

/** The details with our id of the message that they are about. */
export function withAboutId(details: MessageDetails | null, messageId: string | null): MessageDetails | null {
  if (details === null || messageId === null) return details;
  const { context, reaction } = details;
  if (reaction) return { ...details, reaction: { ...reaction, messageId } };
  return context?.quoted ? { ...details, context: { ...context, quoted: { ...context.quoted, messageId } } } : details;
}

/** The details with the reactions that a message has now. */
export function withReactions(details: MessageDetails | null, given: readonly ListedReaction[]): MessageDetails | null {
  const people = new Set<string>();
  const reactions: NonNullable<MessageDetails['reactions']> = [];
  for (const { emoji, direction, from, at } of given) {
    const person = `${direction} ${JSON.stringify(from)}`;
    if (people.has(person)) continue;
    people.add(person);
    const by = direction === 'inbound' ? ('contact' as const) : ('us' as const);
    if (emoji !== '') reactions.push({ emoji, by, at: new Date(at).toISOString() });
  }
  return reactions.length === 0 ? details : { ...details, reactions };
}

/** The details with what became of the file. A deleted message has none. */
export function withFile(details: MessageDetails | null, file: MessageFile | null): MessageDetails | null {
  return file && details?.media ? { ...details, media: { ...details.media, ...file } } : details;
}

function ofKind({ type, content }: Stored, m: Json): MessageDetails {
  switch (type) {
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return { media: mediaOf(m) };
    case 'location':
      return isNumber(m.latitude) && isNumber(m.longitude)
        ? { location: { latitude: m.latitude, longitude: m.longitude, ...texts(m, 'name', 'address', 'url') } }
        : {};
    case 'contacts':
      return { contacts: objects(m.contacts).map(cardOf) };
    case 'order':
      return { order: { ...texts(m, 'catalogId'), products: objects(m.items).map(productOf) } };
    case 'button':
      return { choice: { id: text(m.payload), title: content } };
    case 'interactive':
      return ofInteractive(m);
    case 'reaction':
      return typeof m.messageId === 'string'
        ? { reaction: { providerMessageId: m.messageId, emoji: text(m.emoji) ?? null } }
        : {};
    case 'system':
      return { system: texts(m, 'kind', 'waId') };
    case 'unsupported':
      return { unsupported: { kind: text(m.type) } };
    default:
      return {};
  }
}

/** What any kind may have: the quote, marks of forwarding, the ad. */
function aroundOf({ type, metadata, replyToProviderMessageId: quotedId }: Stored): MessageDetails {
  const m = metadata ?? {};
  // Of an unknown kind the metadata is the provider's item, with other meanings of the same names.
  const known = type !== 'unsupported';
  const forwarded = known && m.forwarded === true;
  const product = known && isObject(m.referredProduct) ? m.referredProduct : null;
  const referral = isObject(m.referral) ? m.referral : null;
  const quoted = type === 'reaction' ? null : quotedId;
  return {
    ...((quoted !== null || forwarded || product) && {
      context: {
        ...(quoted !== null && { quoted: { providerMessageId: quoted } }),
        ...(forwarded && { forwarded }),
        ...(product && { product: { catalogId: text(product.catalog_id), id: text(product.product_retailer_id) } }),
      },
    }),
    ...(referral && { referral: referralOf(referral) }),
  };
}

function mediaOf(m: Json): MessageDetails['media'] {
  const { voice, animated } = m;
  return {
    id: text(m.mediaId),
    type: text(m.mimeType),
    ...texts(m, 'sha256', 'fileName', 'url'),
    ...(typeof voice === 'boolean' && { voice }),
    ...(typeof animated === 'boolean' && { animated }),
  };
}

function ofInteractive(m: Json): MessageDetails {
  if (m.kind === 'nfm_reply') return { form: { ...texts(m, 'name'), answers: answersOf(m.responseJson) } };
  if (m.kind === 'call_permission_reply') {
    return typeof m.response === 'string' ? { callPermission: { answer: m.response } } : {};
  }
  return { choice: texts(m, 'id', 'title', 'description') };
}

function answersOf(json: unknown): Json | undefined {
  try {
    const answers: unknown = typeof json === 'string' ? JSON.parse(json) : null;
    return isObject(answers) ? answers : undefined;
  } catch {
    return undefined;
  }
}

function cardOf(card: Json): NonNullable<MessageDetails['contacts']>[number] {
  const name = isObject(card.name) ? card.name : {};
  return {
    name: text(name.formatted_name) ?? text(name.first_name),
    phones: objects(card.phones).map((one) => ({ ...texts(one, 'phone', 'type'), waId: text(one.wa_id) })),
    emails: objects(card.emails).map((one) => texts(one, 'email', 'type')),
  };
}

const productOf = (item: Json): NonNullable<MessageDetails['order']>['products'][number] => ({
  id: text(item.product_retailer_id),
  quantity: isNumber(item.quantity) ? item.quantity : undefined,
  price: isNumber(item.item_price) ? item.item_price : undefined,
  ...texts(item, 'currency'),
});

const referralOf = (referral: Json): MessageDetails['referral'] => ({
  sourceUrl: text(referral.source_url),
  sourceId: text(referral.source_id),
  sourceType: text(referral.source_type),
  ...texts(referral, 'headline', 'body'),
  mediaType: text(referral.media_type),
  imageUrl: text(referral.image_url),
  videoUrl: text(referral.video_url),
  thumbnailUrl: text(referral.thumbnail_url),
  ctwaClid: text(referral.ctwa_clid),
});

/** The named fields that are texts. */
function texts<K extends string>(source: Json, ...keys: K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const key of keys) {
    const value = source[key];
    if (typeof value === 'string') found[key] = value;
  }
  return found;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

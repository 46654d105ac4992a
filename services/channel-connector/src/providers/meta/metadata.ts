import { isObject, type Json, string } from './fields.ts';

/** Kinds whose metadata is their whole item, as before they were known. */
const WHOLE = new Set(['edit', 'revoke', 'request_welcome']);

/**
 * The metadata of an item of `messages[]` as it was before `details`: programs of others read it.
 * New fields go to `details` alone.
 */
export function metadataOf(item: Json, kind: string): Json | null {
  if (WHOLE.has(kind)) return item;
  const own = kind === 'contacts' ? { contacts: item.contacts } : ofKind(kind, isObject(item[kind]) ? item[kind] : {});
  const context = isObject(item.context) ? item.context : {};
  const forwarded = context.forwarded === true || context.frequently_forwarded === true;
  const referredProduct = isObject(context.referred_product) ? context.referred_product : null;
  const referral = isObject(item.referral) ? item.referral : null;
  if (!forwarded && !referral && !referredProduct) return own;
  return { ...own, ...compact({ referral, referredProduct, forwarded: forwarded || null }) };
}

function ofKind(kind: string, part: Json): Json | null {
  switch (kind) {
    case 'text':
      return null;
    case 'location':
      return compact({
        latitude: Number(part.latitude),
        longitude: Number(part.longitude),
        name: string(part.name),
        address: string(part.address),
        url: string(part.url),
      });
    case 'reaction':
      return { emoji: string(part.emoji) || null, messageId: part.message_id };
    case 'button':
      return compact({ payload: string(part.payload) });
    case 'interactive':
      return ofInteractive(part);
    case 'order':
      return compact({
        catalogId: string(part.catalog_id),
        items: Array.isArray(part.product_items) ? part.product_items : [],
      });
    case 'system': {
      const waId = string(part.wa_id) ?? string(part.new_wa_id);
      return compact({ kind: string(part.type), waId, system: part });
    }
    default:
      return ofMedia(part);
  }
}

function ofInteractive(interactive: Json): Json {
  const kind = string(interactive.type) ?? '';
  const part = isObject(interactive[kind]) ? interactive[kind] : {};
  if (kind === 'call_permission_reply') return { kind, ...part };
  if (kind === 'nfm_reply') return compact({ kind, name: string(part.name), responseJson: string(part.response_json) });
  const { id, title, description } = part;
  return compact({ kind, id: string(id), title: string(title), description: string(description) });
}

const ofMedia = (media: Json): Json =>
  compact({
    mediaId: string(media.id),
    mimeType: string(media.mime_type),
    sha256: string(media.sha256),
    fileName: string(media.filename),
    url: string(media.url),
    voice: media.voice === true || null,
    animated: media.animated === true || null,
  });

const compact = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

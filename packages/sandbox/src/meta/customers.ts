import type { CustomerMessageInput } from '../control/schemas.ts';
import type { SandboxParts } from '../parts.ts';
import type { Fields } from './fields.ts';
import type { MetaNumber } from './numbers.ts';
import type { WebhookItem } from './payload.ts';
import { sampleFile } from './samples.ts';

type MessageItem = Extract<WebhookItem, { kind: 'message' }>;

/** Builds what Meta would send for a customer's message, and writes it down. */
export function customerMessage(parts: SandboxParts, number: MetaNumber, input: CustomerMessageInput): MessageItem {
  const id = input.id ?? parts.ids.wamid('in');
  const { type, content } = contentOf(parts, number, input);
  const context: Fields = {
    ...(input.replyTo && !['reaction', 'edit', 'revoke'].includes(input.kind)
      ? { from: number.displayPhoneNumber.replace(/\D/g, ''), id: input.replyTo }
      : {}),
    ...(input.forwarded ? { forwarded: true } : {}),
  };
  const message: Fields = {
    ...(Object.keys(context).length > 0 ? { context } : {}),
    ...(input.from === null ? {} : { from: input.from }),
    ...(input.userId === undefined ? {} : { from_user_id: input.userId }),
    ...(input.group ? { group_id: input.group.id } : {}),
    id,
    timestamp: String(input.timestamp ?? Math.floor(Date.now() / 1000)),
    ...(input.referral ? { referral: input.referral } : {}),
    type,
    ...content,
  };
  if (input.kind === 'raw') Object.assign(message, input.content);
  const contact: Fields = {
    profile: {
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(input.username === undefined ? {} : { username: input.username }),
    },
    ...(input.from === null ? {} : { wa_id: input.from }),
    ...(input.userId === undefined ? {} : { user_id: input.userId }),
  };
  if (input.group) {
    const { from, name } = input;
    const place = { provider: 'meta', number: number.phoneNumberId };
    parts.limits.heardFrom(number.phoneNumberId, input.group.id);
    parts.groups.hear(place, input.group, { phone: from ?? '', name });
  } else if (input.from !== null) parts.limits.heardFrom(number.phoneNumberId, input.from);
  parts.ledger.append('inbound', {
    provider: 'meta',
    id,
    phoneNumberId: number.phoneNumberId,
    from: input.from ?? input.userId ?? null,
    type: String(message.type),
    text: input.text ?? null,
  });
  return { kind: 'message', key: id, message, contact: input.kind === 'system' ? null : contact };
}

function contentOf(
  parts: SandboxParts,
  number: MetaNumber,
  input: CustomerMessageInput,
): { type: string; content: Fields } {
  const over = input.content ?? {};
  const text = input.text;
  const under = (type: string, value: Fields, rest: Fields = {}) => ({
    type,
    content: { [type]: { ...value, ...over }, ...rest },
  });
  const interactive = (kind: string, value: Fields) => ({
    type: 'interactive',
    content: { interactive: { type: kind, [kind]: { ...value, ...over } } },
  });
  switch (input.kind) {
    case 'text':
      return under('text', { body: text ?? '' });
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return under(input.kind, receivedMedia(parts, number, input.kind, input));
    case 'location':
      return under('location', {
        latitude: -23.5505,
        longitude: -46.6333,
        ...(text === undefined ? {} : { name: text }),
      });
    case 'contacts':
      return {
        type: 'contacts',
        content: {
          contacts: [
            {
              name: { formatted_name: text ?? 'Ana Souza', first_name: 'Ana' },
              phones: [{ phone: '+55 11 98888-7777', wa_id: '5511988887777', type: 'CELL' }],
              ...over,
            },
          ],
        },
      };
    case 'reaction':
      // Without an emoji the reaction is taken back.
      return under('reaction', { message_id: input.replyTo ?? '', ...(text ? { emoji: text } : {}) });
    case 'button':
      return under('button', { payload: input.replyId ?? text ?? '', text: text ?? '' });
    case 'button_reply':
      return interactive('button_reply', { id: input.replyId ?? text ?? '', title: text ?? '' });
    case 'list_reply':
      return interactive('list_reply', {
        id: input.replyId ?? text ?? '',
        title: text ?? '',
        ...(input.description === undefined ? {} : { description: input.description }),
      });
    case 'nfm_reply':
      return interactive('nfm_reply', { name: 'flow', body: text ?? 'Sent', response_json: '{}' });
    case 'call_permission_reply':
      return interactive('call_permission_reply', {
        response: 'accept',
        expiration_timestamp: 4_102_444_800,
        response_source: 'user_action',
      });
    case 'order':
      return under('order', {
        catalog_id: '194836987003835',
        text: text ?? '',
        product_items: [{ product_retailer_id: 'sku-1', quantity: 2, item_price: 25.5, currency: 'BRL' }],
      });
    case 'system':
      return under('system', {
        body: text ?? `User ${input.from} changed number`,
        wa_id: input.from,
        type: 'user_changed_number',
      });
    case 'unsupported':
      return {
        type: 'unsupported',
        content: {
          errors: [
            {
              code: 131051,
              title: 'Message type unknown',
              message: 'Message type unknown',
              error_data: { details: 'Message type is currently not supported.' },
            },
          ],
          ...over,
        },
      };
    case 'edit':
      return under('edit', {
        original_message_id: input.replyTo ?? '',
        message: { type: 'text', text: { body: text ?? '' } },
      });
    case 'revoke':
      return under('revoke', { original_message_id: input.replyTo ?? '' });
    case 'raw':
      return { type: 'unknown', content: {} };
  }
}

function receivedMedia(parts: SandboxParts, number: MetaNumber, kind: string, input: CustomerMessageInput): Fields {
  const sample = sampleFile(kind);
  const media = parts.media.put({
    phoneNumberId: number.phoneNumberId,
    mimeType: input.media?.mimeType ?? sample.mimeType,
    filename: input.media?.filename ?? sample.filename,
    data: input.media?.base64 === undefined ? sample.data : Buffer.from(input.media.base64, 'base64'),
  });
  return {
    ...(input.text !== undefined && kind !== 'audio' && kind !== 'sticker' ? { caption: input.text } : {}),
    ...(kind === 'document' ? { filename: media.filename } : {}),
    mime_type: media.mimeType,
    // Webhooks carry the hash in base64, the media's own page in hex.
    sha256: Buffer.from(media.sha256, 'hex').toString('base64'),
    id: media.id,
    ...(kind === 'audio' ? { voice: input.voice ?? true } : {}),
    ...(kind === 'sticker' ? { animated: input.animated ?? false } : {}),
  };
}

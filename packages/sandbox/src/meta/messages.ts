import type { FastifyReply, FastifyRequest } from 'fastify';
import { hang, reset } from '../faults.ts';
import type { LedgerMessage } from '../ledger/rows.ts';
import type { SandboxParts } from '../parts.ts';
import { GraphError } from './errors.ts';
import { type Fields, invalid, isFields, needText } from './fields.ts';
import { type Magic, magicOf } from './magic.ts';
import { canShow } from './media.ts';
import type { MetaNumber } from './numbers.ts';
import { scheduleStatuses } from './statuses.ts';
import { checkTemplateSend } from './template-send.ts';
import { type OutboundMessage, parseOutbound } from './validate.ts';
import { registrationOf } from './verification.ts';

/** POST /:phoneNumberId/messages */
export async function sendMessage(
  parts: SandboxParts,
  number: MetaNumber,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const input = request.body;
  if (!isFields(input)) throw invalid('The request body must be a JSON object.');
  if (input.messaging_product !== 'whatsapp') throw invalid('The parameter messaging_product is required.');
  if (input.status !== undefined) return acceptReceipt(parts, number, input);

  const message = parseOutbound(
    input,
    (id) => parts.media.find(id)?.phoneNumberId === number.phoneNumberId,
    (id) => parts.groups.find({ provider: 'meta', number: number.phoneNumberId }, id) !== null,
  );
  const magic = message.toGroup ? null : magicOf(message.to);
  const behaviour = parts.behaviour();
  await parts.pauses.sleep(behaviour.sendDelayMs);

  if (magic?.kind === 'reset-before' || parts.dice.roll('reset', behaviour.resetRate)) return reset(reply);
  if (magic?.kind === 'hang-before') return hang(reply);
  refuseWhatMustBe(parts, number, message, magic);

  const lost = magic?.kind === 'lost-reply' || parts.dice.roll('lost-reply', behaviour.lostReplyRate);
  const fate = lost
    ? 'lost'
    : magic?.kind === 'hang-after'
      ? 'silent'
      : magic?.kind === 'malformed'
        ? 'malformed'
        : 'ok';
  const row = accept(parts, number, message, magic, fate);
  if (fate === 'lost') return reset(reply);
  if (fate === 'silent') return hang(reply);
  if (fate === 'malformed') return reply.type('application/json').send('{"messaging_product":"whatsapp","messa');
  const waId = recipientId(message);
  return {
    messaging_product: 'whatsapp',
    contacts: [{ input: message.to, wa_id: waId }],
    messages: [
      {
        id: row.wamid,
        ...(magic?.kind === 'held'
          ? { message_status: 'held_for_quality_assessment' }
          : message.type === 'template'
            ? { message_status: 'accepted' }
            : {}),
      },
    ],
  };
}

/** Digits of a phone; other addresses are opaque. */
const recipientId = ({ to, toGroup }: OutboundMessage): string => (toGroup ? to : to.replace(/\D/g, '') || to);

/** Everything that ends a send before it is accepted. Throws GraphError. */
function refuseWhatMustBe(
  parts: SandboxParts,
  number: MetaNumber,
  message: OutboundMessage,
  magic: Magic | null,
): void {
  const behaviour = parts.behaviour();
  if (!registrationOf(number).registered) throw new GraphError(133010);
  if (magic?.kind === 'http') throw new GraphError(magic.status === 503 ? 2 : 1, { status: magic.status });
  if (magic?.kind === 'refuse') throw new GraphError(magic.code);
  if (magic?.kind === 'third-time' && parts.limits.times(`third/${number.phoneNumberId}/${message.to}`) % 3 !== 0) {
    throw new GraphError(130429);
  }
  if (parts.dice.roll('error', behaviour.errorRate)) throw new GraphError(behaviour.errorCode);
  if (!parts.limits.take(number.phoneNumberId, behaviour.limits.perSecond)) throw new GraphError(130429);
  // Statuses that no webhook accepts would fill the memory. Meta throttles too.
  if (parts.webhooks.pending() > parts.maxPending) throw new GraphError(130429);
  if (message.to.replace(/\D/g, '') === number.displayPhoneNumber.replace(/\D/g, '')) throw new GraphError(131021);
  if (message.type === 'template') checkTemplateSend(parts.templates, number.wabaId, message.body as Fields);
}

function accept(
  parts: SandboxParts,
  number: MetaNumber,
  message: OutboundMessage,
  magic: Magic | null,
  fate: LedgerMessage['reply'],
): LedgerMessage {
  const row = parts.ledger.append('messages', {
    provider: 'meta',
    wamid: parts.ids.wamid('out'),
    phoneNumberId: number.phoneNumberId,
    to: message.to,
    type: message.type,
    text: message.text,
    body: message.body,
    bizOpaqueCallbackData: message.bizOpaqueCallbackData,
    contextMessageId: message.contextMessageId,
    reply: fate,
  });
  const closed =
    parts.behaviour().limits.enforceWindow &&
    message.type !== 'template' &&
    !parts.limits.windowOpen(number.phoneNumberId, message.to);
  if (magic?.kind !== 'no-status') {
    scheduleStatuses(parts, {
      phoneNumberId: number.phoneNumberId,
      wamid: row.wamid,
      recipientId: recipientId(message),
      group: message.toGroup ? parts.groups.find({ provider: 'meta', number: number.phoneNumberId }, message.to) : null,
      bizOpaqueCallbackData: message.bizOpaqueCallbackData,
      failWith:
        magic?.kind === 'fail-later' ? magic.code : closed ? 131047 : unfitMedia(parts, message) ? 131053 : null,
      skipDelivered: magic?.kind === 'read-only',
      template: message.type === 'template',
    });
  }
  return row;
}

/** A file of another kind than the message: Meta says so by webhook. */
function unfitMedia({ media }: SandboxParts, { type, body }: OutboundMessage): boolean {
  const { id, voice } = body as Fields;
  const file = typeof id === 'string' ? media.find(id) : null;
  return file !== null && !canShow(type, file, voice === true);
}

/** Read receipts and typing indicators: `{ status: 'read', message_id, typing_indicator? }`. */
function acceptReceipt(parts: SandboxParts, number: MetaNumber, input: Fields): { success: true } {
  if (input.status !== 'read') throw invalid(`Param status must be one of {READ} - got "${String(input.status)}".`);
  const messageId = needText(input.message_id, 'message_id', 512);
  if (!messageId.startsWith('wamid.'))
    throw new GraphError(131009, { details: `Message ID ${messageId} is not valid.` });
  const typing = input.typing_indicator;
  if (typing !== undefined && (!isFields(typing) || typing.type !== 'text')) {
    throw invalid("Param typing_indicator['type'] must be one of {TEXT}.");
  }
  if (parts.dice.roll('error', parts.behaviour().errorRate)) throw new GraphError(parts.behaviour().errorCode);
  parts.ledger.append('receipts', {
    provider: 'meta',
    phoneNumberId: number.phoneNumberId,
    messageId,
    typing: typing !== undefined,
  });
  return { success: true };
}

import {
  buildEvent,
  type Conversation,
  contactCreated,
  conversationCreated,
  type Message,
  uuidv7,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import {
  type CallContext,
  type Caller,
  Conflict,
  NotFound,
  Unprocessable,
  ValidationFailed,
} from '@recado/service-kit';
import { parsePhone } from '../contacts/phones.ts';
import { identitiesOf, resolveContacts, type Sender } from '../contacts/resolve.ts';
import { findContactsByIdentity, findWaId } from '../contacts/store.ts';
import { isWindowOpen } from '../conversations/rules.ts';
import {
  applyOutbound,
  type ConversationRow,
  lockConversation,
  upsertOpenConversations,
} from '../conversations/store.ts';
import { contactOf, conversationView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { changedFields, newOutbound, type OutboundAuthor, outboundChange, outboundEvents } from './outbound.ts';
import { insertOutbound } from './store.ts';
import { newMessageView } from './views.ts';

export interface Sent {
  message: Message;
  conversation: Conversation;
}

const authorOf = (caller: Caller): OutboundAuthor =>
  caller.userId === null ? { author: 'system' } : { author: 'user', userId: caller.userId };

/**
 * Accepts a text for an existing conversation: stored `pending` and ordered to be sent, in one transaction. The connector is
 * not asked: the conversation knows its provider, and a channel that is gone makes the message visibly fail.
 * @throws NotFound; Conflict when the conversation is closed; Unprocessable `outside_window`
 */
export async function sendMessage(
  deps: Deps,
  context: CallContext & { caller: Caller },
  conversationId: string,
  text: string,
): Promise<Sent> {
  const { caller, traceparent } = context;
  const now = deps.now();
  const sent = await withTenant(deps.db, caller.tenantId, async (tx) => {
    const before = await lockConversation(tx, caller.tenantId, conversationId);
    if (!before) throw new NotFound('conversation', conversationId);
    if (before.status === 'closed') throw new Conflict('The conversation is closed', 'conversation');
    const windowMatters = before.provider === 'meta' && deps.config.RECADO_ENFORCE_WINDOW;
    if (windowMatters && !isWindowOpen(before.lastInboundAt, now)) {
      throw new Unprocessable(
        'outside_window',
        'The customer last wrote more than 24 hours ago: only a template may be sent',
      );
    }
    const contact = contactOf(before);
    const message = newOutbound(before, text, authorOf(caller), now);
    const [, [after]] = await Promise.all([
      insertOutbound(tx, [message]),
      applyOutbound(tx, [outboundChange(before, [message], now)]),
    ]);
    const changed = changedFields(before, after!);
    await enqueue(
      tx,
      outboundEvents({ conversation: after!, contact, messages: [message], isNew: false, changed, traceparent }),
    );
    return { message: newMessageView(message), conversation: conversationView(after!, contact) };
  });
  deps.kickRelay();
  return sent;
}

/**
 * Accepts a text for a phone: finds or makes the contact and its open conversation on the channel. The 24-hour window is left to
 * the provider, whose refusal shows on the message: somebody may well have written to this number elsewhere.
 * @throws NotFound of the channel; ValidationFailed when `to` is no phone
 */
export async function sendToPhone(
  deps: Deps,
  context: CallContext & { caller: Caller },
  channelId: string,
  to: string,
  text: string,
): Promise<Sent> {
  const { caller, traceparent } = context;
  const phone = parsePhone(to);
  if (phone === null) throw new ValidationFailed([{ field: 'to', message: 'Not a phone number' }]);
  const { provider } = await deps.channels.get(caller.tenantId, channelId, context);
  const now = deps.now();
  const sent = await withTenant(deps.db, caller.tenantId, async (tx) => {
    const contact = await resolvePhone(tx, caller.tenantId, phone, now);
    const waId = contact.isNew ? null : await findWaId(tx, caller.tenantId, contact.id);
    const newId = uuidv7();
    const by = authorOf(caller);
    const draft = newOutbound({ tenantId: caller.tenantId, id: newId, channelId }, text, by, now);
    const [opened] = await upsertOpenConversations(tx, [
      {
        tenantId: caller.tenantId,
        newId,
        channelId,
        provider,
        contactId: contact.id,
        peerWaId: waId,
        peerPhone: phone,
        peerUserId: null,
        status: by.author === 'user' ? 'active' : 'new',
        unread: 0,
        count: 1,
        lastMessage: draft,
        lastInboundAt: null,
      },
    ]);
    const isNew = opened!.id === newId;
    const message = { ...draft, conversationId: opened!.id };
    // The upsert has counted it; this is what a person's word changes on a conversation that was open already.
    const change = { ...outboundChange(opened!, [message], now), count: 0 };
    const [, after] = await Promise.all([
      insertOutbound(tx, [message]),
      isNew ? opened! : applyOutbound(tx, [change]).then((rows) => rows[0]!),
    ]);
    const common = { tenantId: caller.tenantId, traceparent };
    const { id: contactId, name } = contact;
    const told = conversationView(after, contact);
    await enqueue(tx, [
      ...(contact.isNew
        ? [
            buildEvent(contactCreated, {
              ...common,
              subject: contactId,
              data: { contactId, name, phone: contact.phone },
            }),
          ]
        : []),
      ...(isNew
        ? [buildEvent(conversationCreated, { ...common, subject: after.id, data: { conversation: told } })]
        : []),
      ...outboundEvents({
        conversation: after as ConversationRow,
        contact,
        messages: [message],
        isNew,
        changed: isNew ? [] : changedFields(opened!, after),
        traceparent,
      }),
    ]);
    return { message: newMessageView(message), conversation: told };
  });
  deps.kickRelay();
  return sent;
}

async function resolvePhone(tx: Tx, tenantId: string, phone: string, now: Date) {
  const sender: Sender = { tenantId, waId: null, phone, userId: null, name: null };
  const known = await findContactsByIdentity(tx, identitiesOf(sender));
  const [contact] = await resolveContacts(tx, [sender], known, now);
  return contact!;
}

import {
  type BuiltEvent,
  buildAudit,
  type Conversation,
  type conversationApi,
  conversationAudit,
  type OutboundContent,
  type RouteResult,
  uuidv7,
} from '@recado/contracts';
import { once, type TenantPlan, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { identitiesOf, type ResolvedContact, resolveContacts, type Sender } from '../../contacts/resolve.ts';
import { findContactsByIdentity, findWaIds } from '../../contacts/store.ts';
import { upsertOpenConversations } from '../../conversations/store.ts';
import { conversationView } from '../../conversations/views.ts';
import type { Deps } from '../../deps.ts';
import { checkConversations, spendMessages } from '../../usage/limits.ts';
import { findLastHeard } from '../reading/heard.ts';
import { readRecipients } from '../reading/read-to.ts';
import { insertOutbound, type NewMessage } from '../store.ts';
import { type SendContext, withPlace } from './accept.ts';
import { checkContent } from './check.ts';
import { checkConsent } from './consent.ts';
import { newOutbound, type Outgoing, outboundEvents, worded } from './outbound.ts';
import { type Prepared, prepareContent, shownFile } from './prepare.ts';
import { firsts } from './send.ts';

export interface Bulk {
  channelId: string;
  to: readonly string[];
  content: OutboundContent;
  /** Milliseconds between one message and the next. */
  delayMs: number;
}

type Answer = RouteResult<typeof conversationApi.sendBulk>;

/**
 * Accepts one message for many phones, all or none; a phone that is named twice gets one. They
 * answer no customer: no conversation changes hands, and replies to customers go before them.
 * @throws NotFound of the channel; ValidationFailed naming each field; PlanLimit
 */
export async function sendBulk(deps: Deps, by: Omit<SendContext, 'key'>, bulk: Bulk): Promise<Answer> {
  const { caller, context, origin } = by;
  const { tenantId } = caller;
  const { provider } = await deps.channels.get(tenantId, bulk.channelId, context);
  const prepared = await prepareContent(deps, by, bulk.channelId, bulk.content);
  checkContent(prepared, (await deps.channels.providers(tenantId, context)).get(provider));
  await deps.tenants.ensure(tenantId);
  const work = (tx: Tx) => acceptAll(deps, tx, by, { ...bulk, prepared, provider });
  const answer = await withPlace(deps, tenantId, () =>
    withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx))),
  );
  return answer;
}

async function acceptAll(
  deps: Deps,
  tx: Tx,
  { caller, origin, context }: Omit<SendContext, 'key'>,
  { channelId, to, content, prepared, delayMs, provider }: Bulk & { prepared: Prepared; provider: string },
): Promise<Answer> {
  const { tenantId } = caller;
  const now = deps.now();
  const tenant = (await deps.tenants.get(tx, [tenantId])).get(tenantId)!;
  const recipients = await resolveRecipients(tx, tenant, to, now);
  checkConsent(
    prepared.purpose,
    recipients.map(({ contact, place }) => ({ field: `to.${place}`, ...contact })),
  );
  const drafts = recipients.map((recipient) => {
    const newId = uuidv7();
    const from = { tenantId, id: newId, channelId };
    const message = worded(
      newOutbound(from, content, { author: 'system' }, now, undefined, null, shownFile(prepared)),
      prepared,
    );
    return { ...recipient, newId, message };
  });
  const opened = await upsertOpenConversations(
    tx,
    drafts.map(({ contact, phone, waId, newId, message }) => ({
      tenantId,
      newId,
      channelId,
      provider,
      contactId: contact.id,
      peerWaId: waId,
      peerPhone: phone,
      peerUserId: null,
      status: 'new' as const,
      unread: 0,
      count: 1,
      lastMessage: message,
      lastInboundAt: null,
    })),
  );
  const contactIds = recipients.map(({ contact }) => contact.id);
  const heard = await findLastHeard(tx, { tenantId, channelId }, contactIds, content);
  const byContact = new Map(opened.map((row) => [row.contactId, row]));
  const events: BuiltEvent[] = [];
  const messages = drafts.map(({ contact, phone, waId, newId, message: draft }, i): NewMessage => {
    const conversation = byContact.get(contact.id)!;
    const isNew = conversation.id === newId;
    const message = { ...draft, conversationId: conversation.id };
    const outgoing: Outgoing = {
      content: prepared.content,
      about: null,
      bulk: true,
      heardAt: heard.get(contact.id),
      notBefore: new Date(now.getTime() + i * delayMs),
    };
    const { traceparent } = context;
    const told: Conversation = conversationView(conversation, contact);
    events.push(
      ...firsts({ contact, conversation: told, isNew, traceparent }, tenantId),
      ...outboundEvents({
        conversation,
        contact,
        to: { waId, phone, userId: null },
        messages: [message],
        contents: new Map([[message.id, outgoing]]),
        isNew,
        changed: [],
        traceparent,
      }),
    );
    return message;
  });
  await insertOutbound(tx, messages);
  const what = { action: 'message.bulk', entityType: 'channel', entityId: channelId, at: now };
  const changes = { recipients: { from: null, to: messages.length } };
  await enqueue(tx, [...events, buildAudit(conversationAudit, origin, { ...what, changes })]);
  // Last: it locks the tenant's month, and the next send waits for our commit.
  await spendMessages(tx, tenant, messages.length, now);
  if (opened.some(({ id }) => drafts.some(({ newId }) => newId === id))) await checkConversations(tx, tenant);
  deps.metrics.stored.inc({ direction: 'outbound', author: 'system' }, messages.length);
  return {
    items: messages.map(({ id, conversationId }, i) => ({
      messageId: id,
      conversationId,
      phone: drafts[i]!.phone,
    })),
  };
}

interface Recipient {
  contact: ResolvedContact;
  phone: string;
  /** The first in `to` that names it. */
  place: number;
  waId: string | null;
}

/** Each contact once, in the order of the phones. */
async function resolveRecipients(tx: Tx, tenant: TenantPlan, to: readonly string[], now: Date): Promise<Recipient[]> {
  const { tenantId } = tenant;
  const readings = await readRecipients(tx, tenant, to);
  const senders = readings.map(({ phone }): Sender => ({ tenantId, waId: null, phone, userId: null, name: null }));
  const known = await findContactsByIdentity(tx, senders.flatMap(identitiesOf));
  const contacts = await resolveContacts(tx, senders, known, now);
  const found = new Map<string, Omit<Recipient, 'waId'>>();
  for (const [i, contact] of contacts.entries()) {
    const known = found.get(contact.id);
    found.set(contact.id, { contact, ...readings[i]!, place: known?.place ?? readings[i]!.place });
  }
  const recipients = [...found.values()];
  const waIds = await findWaIds(
    tx,
    tenantId,
    recipients.map(({ contact, phone }) => ({ contactId: contact.id, phone })),
  );
  return recipients.map((one) => ({ ...one, waId: waIds.get(one.contact.id) ?? null }));
}

import {
  type BuiltEvent,
  buildEvent,
  type Conversation,
  contactCreated,
  conversationCreated,
  type OutboundContent,
  uuidv7,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { type Caller, Conflict, NotFound } from '@recado/service-kit';
import type { Providers } from '../../channels.ts';
import { identitiesOf, type ResolvedContact, resolveContacts, type Sender } from '../../contacts/resolve.ts';
import { findContactsByIdentity, findWaId } from '../../contacts/store.ts';
import { addressAt, shownAt } from '../../conversations/address.ts';
import { isWindowOpen } from '../../conversations/rules.ts';
import {
  applyOutbound,
  type ConversationRow,
  type ConversationWithContact,
  lockConversation,
  type OutboundChange,
  upsertOpenConversations,
} from '../../conversations/store.ts';
import { contactOf, conversationView } from '../../conversations/views.ts';
import type { Deps } from '../../deps.ts';
import { findAbout } from '../about.ts';
import { findLastHeard } from '../reading/heard.ts';
import { readByReply } from '../reading/mark-read.ts';
import { readTo } from '../reading/read-to.ts';
import { insertOutbound, type NewMessage } from '../store.ts';
import { newMessageView } from '../views.ts';
import { type Accepted, acceptOnce, type SendContext, type Sent } from './accept.ts';
import { checkContent } from './check.ts';
import { checkConsent, type Purpose } from './consent.ts';
import {
  changedFields,
  newOutbound,
  type OutboundAuthor,
  type Outgoing,
  outboundChange,
  outboundEvents,
  worded,
} from './outbound.ts';
import { type Prepared, prepareContent, prepareFor, shownFile } from './prepare.ts';
import { OutsideWindow } from './window.ts';

const authorOf = (caller: Caller): OutboundAuthor =>
  caller.userId === null ? { author: 'system' } : { author: 'user', userId: caller.userId };

/**
 * Accepts a message for an existing conversation. A channel that is gone makes it visibly fail.
 * @throws as lockWritable, findAbout and acceptOnce
 */
export async function sendMessage(
  deps: Deps,
  by: SendContext,
  conversationId: string,
  content: OutboundContent,
): Promise<Sent> {
  const { tenantId } = by.caller;
  const [rules, prepared] = await Promise.all([sendRules(deps, by), prepareFor(deps, by, conversationId, content)]);
  return acceptOnce(deps, by, async (tx, { id, now }) => {
    const before = await lockWritable(tx, tenantId, conversationId, rules, prepared, now);
    checkChatConsent(prepared.purpose, before);
    const about = await findAbout(tx, before, content);
    const message = worded(
      newOutbound(before, content, authorOf(by.caller), now, id, about, shownFile(prepared)),
      prepared,
    );
    const outgoing = { content: prepared.content, about };
    return store(tx, by, before, message, outboundChange(before, [message], now), outgoing);
  });
}

/** The template is the field: the chat's customer cannot be chosen. @throws as checkConsent */
export const checkChatConsent = (purpose: Purpose, chat: ConversationWithContact): void =>
  checkConsent(purpose, [{ field: 'content.name', marketingStoppedAt: chat.contactMarketingStoppedAt }]);

/** What providers take, and whether their reply windows are enforced. */
export interface SendRules {
  providers: Providers;
  windows: boolean;
}

export const sendRules = async (deps: Deps, by: SendContext): Promise<SendRules> => ({
  providers: await deps.channels.providers(by.caller.tenantId, by.context),
  windows: deps.config.RECADO_ENFORCE_WINDOW,
});

/** Hours in which a provider lets a business write freely; null: always. */
export const replyWindow = ({ providers, windows }: SendRules, provider: string): number | null =>
  windows ? (providers.get(provider)?.replyWindowHours ?? null) : null;

/**
 * Locks a conversation that this content may be sent to now.
 * @throws NotFound; Conflict of a closed one; Unprocessable `outside_window`; ValidationFailed
 */
export async function lockWritable(
  tx: Tx,
  tenantId: string,
  conversationId: string,
  rules: SendRules,
  prepared: Prepared,
  now: Date,
): Promise<ConversationWithContact> {
  const row = await lockConversation(tx, tenantId, conversationId);
  if (!row) throw new NotFound('conversation', conversationId);
  if (row.status === 'closed') throw new Conflict('The conversation is closed', 'conversation');
  checkContent(prepared, rules.providers.get(row.provider), row.contactGroupAddress !== null);
  const hours = replyWindow(rules, row.provider);
  if (prepared.given.kind !== 'template' && !isWindowOpen(row.lastInboundAt, hours, now)) {
    throw new OutsideWindow(row.channelId, hours);
  }
  return row;
}

/** Writes a message for a locked conversation; the events go out with it. */
export async function store(
  tx: Tx,
  by: SendContext,
  before: ConversationWithContact,
  message: NewMessage,
  change: OutboundChange,
  outgoing: Outgoing,
): Promise<Accepted> {
  const contact = contactOf(before);
  const reads = change.read ? await readByReply(tx, readerOf(by, message), before, contact) : [];
  const [, [after], heard] = await Promise.all([
    insertOutbound(tx, [message]),
    applyOutbound(tx, [change]),
    findLastHeard(tx, before, [contact.id], outgoing.content),
  ]);
  const changed = changedFields(before, after!);
  const { traceparent } = by.context;
  return {
    sent: { message: newMessageView(message), conversation: conversationView(after!, contact) },
    events: [
      ...reads,
      ...outboundEvents({
        conversation: after!,
        contact,
        messages: [message],
        contents: new Map([[message.id, { ...outgoing, heardAt: heard.get(contact.id) }]]),
        isNew: false,
        changed,
        traceparent,
      }),
    ],
    opened: false,
  };
}

/** The person whose answer reads the customer's messages. */
const readerOf = ({ context }: SendContext, { tenantId, userId, createdAt }: NewMessage) => ({
  ...{ tenantId, userId, now: createdAt },
  traceparent: context.traceparent,
});

/**
 * Accepts a message for a phone, in the contact's open or new conversation. The provider checks the
 * reply window, because the customer may have written to this number elsewhere.
 * @param to a phone; without a country code it is read in the tenant's country
 * @throws NotFound of the channel; ValidationFailed when `to` is no phone there; as acceptOnce
 */
export async function sendToPhone(
  deps: Deps,
  by: SendContext,
  channelId: string,
  to: string,
  content: OutboundContent,
): Promise<Sent> {
  const { tenantId } = by.caller;
  let phone: string | undefined;
  const { provider } = await deps.channels.get(tenantId, channelId, by.context);
  const prepared = await prepareContent(deps, by, channelId, content);
  checkContent(prepared, (await deps.channels.providers(tenantId, by.context)).get(provider));
  const file = shownFile(prepared);
  const sent = await acceptOnce(deps, by, async (tx, { id, now, tenant }) => {
    phone = await readTo(tx, await tenant, to);
    const contact = await resolvePhone(tx, tenantId, phone, now);
    checkConsent(prepared.purpose, [{ field: 'to', ...contact }]);
    const waId = contact.isNew ? null : await findWaId(tx, tenantId, contact.id, phone);
    const newId = uuidv7();
    const author = authorOf(by.caller);
    const draft = worded(
      newOutbound({ tenantId, id: newId, channelId }, content, author, now, id, null, file),
      prepared,
    );
    const [opened] = await upsertOpenConversations(tx, [
      {
        tenantId,
        newId,
        channelId,
        provider,
        contactId: contact.id,
        peerWaId: waId,
        peerPhone: phone,
        peerUserId: null,
        status: author.author === 'user' ? 'active' : 'new',
        unread: 0,
        count: 1,
        lastMessage: draft,
        lastInboundAt: null,
      },
    ]);
    const isNew = opened!.id === newId;
    const about = await findAbout(tx, opened!, content);
    const message = worded(
      newOutbound({ tenantId, id: opened!.id, channelId }, content, author, now, id, about, file),
      prepared,
    );
    // The upsert has counted it; this is what a person's word changes on a conversation that was
    // open already.
    const change = { ...outboundChange(opened!, [message], now), count: 0 };
    const reads = isNew ? [] : await readByReply(tx, readerOf(by, message), opened!, contact);
    const [, after, heard] = await Promise.all([
      insertOutbound(tx, [message]),
      isNew ? opened! : applyOutbound(tx, [change]).then((rows) => rows[0]!),
      findLastHeard(tx, { tenantId, channelId }, [contact.id], content),
    ]);
    const { traceparent } = by.context;
    const address = addressAt(after, phone) ?? { waId, phone, userId: null };
    const story = {
      conversation: after as ConversationRow,
      to: address,
      contact,
      messages: [message],
      contents: new Map([[message.id, { content: prepared.content, about, heardAt: heard.get(contact.id) }]]),
      isNew,
      changed: isNew ? [] : changedFields(opened!, after),
      traceparent,
    };
    const told = conversationView(after, contact);
    return {
      sent: { message: newMessageView(message), conversation: told },
      events: [
        ...firsts({ contact, conversation: told, isNew, traceparent }, tenantId),
        ...reads,
        ...outboundEvents(story),
      ],
      opened: isNew,
    };
  });
  // A repeated send was read before.
  phone ??= await readAgain(deps, tenantId, to);
  return { ...sent, conversation: shownAt(sent.conversation, phone) };
}

/** The other events of a first message to a customer. */
export function firsts(
  made: { contact: ResolvedContact; conversation: Conversation; isNew: boolean; traceparent: string | undefined },
  tenantId: string,
): BuiltEvent[] {
  const { contact, conversation, isNew, traceparent } = made;
  const common = { tenantId, traceparent };
  const events: BuiltEvent[] = [];
  if (contact.isNew) {
    const { id: contactId, name, phone } = contact;
    events.push(buildEvent(contactCreated, { ...common, subject: contactId, data: { contactId, name, phone } }));
  }
  if (isNew) {
    events.push(buildEvent(conversationCreated, { ...common, subject: conversation.id, data: { conversation } }));
  }
  return events;
}

async function resolvePhone(tx: Tx, tenantId: string, phone: string, now: Date) {
  const sender: Sender = { tenantId, waId: null, phone, userId: null, name: null };
  const known = await findContactsByIdentity(tx, identitiesOf(sender));
  const [contact] = await resolveContacts(tx, [sender], known, now);
  return contact!;
}

const readAgain = (deps: Deps, tenantId: string, to: string) =>
  withTenant(deps.db, tenantId, async (tx) => readTo(tx, (await deps.tenants.get(tx, [tenantId])).get(tenantId)!, to));

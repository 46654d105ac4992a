import type { aiReplyRequested, EventData } from '@recado/contracts';
import type { TenantDirectory, Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { findContacts } from '../contacts/store.ts';
import { aiReplyRefusal } from '../conversations/rules.ts';
import { applyOutbound, type ConversationRow, lockConversations } from '../conversations/store.ts';
import { changedFields, newOutbound, outboundChange, outboundEvents } from '../messages/sending/outbound.ts';
import { insertOutbound, type NewMessage } from '../messages/store.ts';
import { joinByIndex } from '../plans.ts';
import { withoutNul } from '../text.ts';
import { awaitPerson, takeBackOverLimit } from './limit.ts';
import { findInboundAnswered } from './store.ts';

type Requested = EventData<typeof aiReplyRequested>;
type Skipped = 'closed' | 'assigned' | 'answered' | 'unknown' | 'empty' | 'repeated' | 'limit';

interface Draft {
  message: NewMessage;
  traceparent: string | undefined;
}

export interface AiReplyOutcome {
  accepted: number;
  /** Why each of the others was left out. */
  skipped: Skipped[];
}

/**
 * Accepts AI replies. The conversation is locked first, so an agent's message comes before or
 * after. A unique key absorbs repeats. Beyond the plan the conversation waits for an agent.
 * @throws TenantUnknown
 */
export async function acceptAiReplies(
  tx: Tx,
  events: readonly Delivered<Requested>[],
  now: Date,
  tenants: TenantDirectory,
): Promise<AiReplyOutcome> {
  const { plans, conversations, answered } = await lockBatch(tx, events, tenants);
  const outcome: AiReplyOutcome = { accepted: 0, skipped: [] };
  const drafts: Draft[] = [];
  for (const event of events) {
    const draft = toDraft(event, conversations.get(keyOf(event)), answered.get(inboundKey(event)), now);
    if (typeof draft === 'string') outcome.skipped.push(draft);
    else drafts.push(draft);
  }
  if (drafts.length === 0) return outcome;

  const stored = await insertDrafts(tx, drafts);
  for (let i = stored.length; i < drafts.length; i++) outcome.skipped.push('repeated');
  const over = await takeBackOverLimit(
    tx,
    stored.map((draft) => draft.message),
    plans,
    now,
  );
  for (const _ of over) outcome.skipped.push('limit');
  const accepted = stored.filter(({ message }) => !over.has(message.id));
  outcome.accepted = accepted.length;
  if (accepted.length > 0) await settle(tx, accepted, conversations, now);
  await awaitPerson(
    tx,
    stored.filter(({ message }) => over.has(message.id)),
  );
  return outcome;
}

/** Locks the conversations, and reads what decides over the replies. */
async function lockBatch(tx: Tx, events: readonly Delivered<Requested>[], tenants: TenantDirectory) {
  const keys = new Map(events.map((e) => [keyOf(e), { tenantId: e.tenantId, id: e.data.conversationId }]));
  joinByIndex(tx);
  const [locked, plans] = await Promise.all([
    lockConversations(tx, [...keys.values()]),
    tenants.get(
      tx,
      events.map((event) => event.tenantId),
    ),
  ]);
  // A statement of its own: what was committed while we waited for the locks must be seen.
  const inbound = await findInboundAnswered(
    tx,
    events.map(({ tenantId, data }) => ({ tenantId, conversationId: data.conversationId, id: data.inboundMessageId })),
  );
  return {
    plans,
    conversations: new Map(locked.map((row) => [`${row.tenantId} ${row.id}`, row])),
    answered: new Map(inbound.map((row) => [`${row.tenantId} ${row.id}`, row.byPerson])),
  };
}

const inboundKey = ({ tenantId, data }: Delivered<Requested>): string => `${tenantId} ${data.inboundMessageId}`;

/** The message of a reply, or why there is none. */
function toDraft(
  { data, envelope }: Delivered<Requested>,
  row: ConversationRow | undefined,
  byPerson: boolean | undefined,
  now: Date,
): Draft | Skipped {
  if (!row || byPerson === undefined) return 'unknown';
  const refusal = aiReplyRefusal(row, byPerson);
  if (refusal !== null) return refusal;
  const text = withoutNul(data.text).trim();
  if (text === '') return 'empty';
  const by = { author: 'ai' as const, model: data.model, replyToInboundId: data.inboundMessageId };
  return { message: newOutbound(row, { kind: 'text', body: text }, by, now), traceparent: envelope.traceparent };
}

/** Stores the drafts. Returns those that were new. */
async function insertDrafts(tx: Tx, drafts: readonly Draft[]): Promise<Draft[]> {
  const rows = await insertOutbound(
    tx,
    drafts.map((draft) => draft.message),
  );
  const inserted = new Set(rows.map((row) => row.id));
  return drafts.filter(({ message }) => inserted.has(message.id));
}

const keyOf = ({ tenantId, data }: Delivered<Requested>): string => `${tenantId} ${data.conversationId}`;

/** Counts the accepted replies on their conversations and publishes the changes. */
async function settle(
  tx: Tx,
  accepted: readonly Draft[],
  conversations: Map<string, ConversationRow>,
  now: Date,
): Promise<void> {
  const groups = new Map<ConversationRow, { messages: NewMessage[]; traceparent: string | undefined }>();
  for (const { message, traceparent } of accepted) {
    const row = conversations.get(`${message.tenantId} ${message.conversationId}`)!;
    const group = groups.get(row);
    if (group) group.messages.push(message);
    else groups.set(row, { messages: [message], traceparent });
  }
  const changes = [...groups].map(([row, { messages }]) => outboundChange(row, messages, now));
  const [after, contacts] = await Promise.all([
    applyOutbound(tx, changes),
    findContacts(
      tx,
      [...groups.keys()].map((row) => ({ tenantId: row.tenantId, id: row.contactId })),
    ),
  ]);
  const byId = new Map(after.map((row) => [`${row.tenantId} ${row.id}`, row]));
  const contactById = new Map(contacts.map((row) => [`${row.tenantId} ${row.id}`, row]));
  await enqueue(
    tx,
    [...groups].flatMap(([before, { messages, traceparent }]) => {
      const conversation = byId.get(`${before.tenantId} ${before.id}`)!;
      const contact = contactById.get(`${before.tenantId} ${before.contactId}`)!;
      const changed = changedFields(before, conversation);
      return outboundEvents({ conversation, contact, messages, isNew: false, changed, traceparent });
    }),
  );
}

import {
  type BuiltEvent,
  buildAudit,
  buildEvent,
  type ConsentWord,
  consentWordOf,
  contactUpdated,
  conversationAudit,
} from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { applyOutbound, lockConversations } from '../conversations/store.ts';
import type { Item } from '../inbound/batch.ts';
import { newOutbound, outboundChange, outboundEvents } from '../messages/sending/outbound.ts';
import { insertOutbound } from '../messages/store.ts';
import { contacts } from '../schema.ts';
import { recordContactEvents } from '../timeline/record.ts';
import { confirmationOf } from './consent-texts.ts';
import { contactFacts } from './views.ts';

interface Said {
  item: Item;
  word: ConsentWord;
}

const changedColumns = columns(contacts, {
  alias: 'c',
  only: ['tenantId', 'id', 'name', 'phone', 'email', 'isActive', 'createdBy', 'leadStatus', 'blockedAt'],
});
type Changed = typeof changedColumns.$row;

/**
 * Takes customers at their word: STOP, BAJA, SAIR … stop marketing, START, ALTA, VOLTAR … allow it
 * again. Each change is confirmed to the customer once, and audited. Groups and calls say nothing.
 */
export async function applyConsentWords(tx: Tx, items: readonly Item[], now: Date): Promise<void> {
  const latest = new Map<string, Said>();
  for (const item of items) {
    if (item.group === null || item.contact.groupAddress !== null || !SPOKEN.has(item.data.type)) continue;
    const word = consentWordOf(item.data.content);
    if (!word) continue;
    const key = `${item.tenantId} ${item.contact.id}`;
    const before = latest.get(key);
    if (!before || before.item.sentTime <= item.sentTime) latest.set(key, { item, word });
  }
  if (latest.size === 0) return;
  const changed = await setConsent(tx, [...latest.values()]);
  await recordContactEvents(
    tx,
    changed.map(({ tenantId, id }) => {
      const { item, word } = latest.get(`${tenantId} ${id}`)!;
      const kind = word.stop ? 'contact.opted_out' : 'contact.opted_in';
      return { tenantId, contactId: id, kind, at: new Date(item.sentTime), conversationId: item.conversation.id };
    }),
  );
  const told = changed.map((row) => ({ row, ...latest.get(`${row.tenantId} ${row.id}`)! }));
  await enqueue(
    tx,
    told.flatMap(({ row, item, word }) => newsOf(row, item, word)),
  );
  for (const one of told) if (one.row.blockedAt === null) await confirm(tx, one, now);
}

/** A word, or a button that shows it. */
const SPOKEN: ReadonlySet<string> = new Set(['text', 'button', 'interactive']);

/** Writes what is new, unless the customer said something later; returns those that changed. */
async function setConsent(tx: Tx, said: readonly Said[]): Promise<Changed[]> {
  return tx<Changed[]>`
    with given as (
      select * from unnest(${said.map(({ item }) => item.tenantId)}::uuid[], ${said.map(({ item }) => item.contact.id)}::uuid[],
                           ${said.map(({ word }) => (word.stop ? 1 : 0))}::int[],
                           ${said.map(({ item }) => item.sentTime)}::text[]::timestamptz[]) as g (tenant_id, id, stop, at)
    ), locked as (
      select k.tenant_id, k.id, k.marketing_stopped_at is not null as stopped from contacts k
      join given using (tenant_id, id) order by k.tenant_id, k.id for update of k
    )
    update contacts c set marketing_stopped_at = case when given.stop = 1 then given.at end,
      marketing_changed_at = given.at, updated_at = now()
    from given join locked using (tenant_id, id)
    where c.tenant_id = given.tenant_id and c.id = given.id and locked.stopped <> (given.stop = 1)
      and (c.marketing_changed_at is null or c.marketing_changed_at < given.at)
    returning ${changedColumns(tx)}`;
}

function newsOf(row: Changed, { tenantId, traceparent }: Item, { stop }: ConsentWord): BuiltEvent[] {
  const actor = { kind: 'service' as const, userId: null, apiKeyId: null, service: 'conversation' };
  const origin = { tenantId, actor, ip: null, userAgent: null, edition: null, requestId: null, traceparent };
  const what = { action: stop ? 'contact.opt_out' : 'contact.opt_in', entityType: 'contact', entityId: row.id };
  const changes = { optIn: { from: stop, to: !stop } };
  return [
    buildEvent(contactUpdated, {
      tenantId,
      subject: row.id,
      traceparent,
      data: { ...contactFacts(row), changed: ['marketing'] },
    }),
    buildAudit(conversationAudit, origin, { ...what, changes }),
  ];
}

/** Answers in the chat that the word came in, which is open: the customer has just written. */
async function confirm(tx: Tx, { item, word }: Said, now: Date): Promise<void> {
  const { tenantId, conversation, contact, traceparent } = item;
  const [row] = await lockConversations(tx, [{ tenantId, id: conversation.id }]);
  if (!row) return;
  const text = confirmationOf(word, contact.phone);
  const message = newOutbound(row, { kind: 'text', body: text }, { author: 'system' }, now);
  await insertOutbound(tx, [message]);
  const [after] = await applyOutbound(tx, [outboundChange(row, [message], now)]);
  const story = { conversation: after!, contact, messages: [message], isNew: false, changed: [], traceparent };
  await enqueue(tx, outboundEvents(story));
}

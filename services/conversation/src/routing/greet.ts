import { type OutboundContent, POSITION } from '@recado/contracts';
import type { TenantDirectory, Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { takeBackOverLimit } from '../ai-replies/limit.ts';
import { ofUnblocked } from '../contacts/blocked.ts';
import { findContacts } from '../contacts/store.ts';
import { isWindowOpen } from '../conversations/rules.ts';
import { applyOutbound, type ConversationRow, lockConversations } from '../conversations/store.ts';
import { changedFields, newOutbound, outboundChange, outboundEvents } from '../messages/sending/outbound.ts';
import { insertOutbound, type NewMessage } from '../messages/store.ts';
import { isOpen } from './hours.ts';
import { type ConversationKey, type RoutingCampaign, selectActiveCampaigns } from './store.ts';

/** The strictest provider's, in hours. Later only a template would arrive. */
const WINDOW_HOURS = 24;

type Greeting = 'welcomed_at' | 'offline_at' | 'position_at';

/**
 * Tells customers whose chats arrived in a campaign, or wait in it: a welcome, that it is closed
 * now, their place in the queue. Each once per conversation, and within the plan.
 * @param moment `waits`: routing has given what it can
 * @throws TenantUnknown
 */
export async function greet(
  tx: Tx,
  keys: readonly ConversationKey[],
  now: Date,
  tenants: TenantDirectory,
  moment: 'arrived' | 'waits',
): Promise<void> {
  if (keys.length === 0) return;
  const tenantIds = [...new Set(keys.map(({ tenantId }) => tenantId))];
  const campaigns = new Map((await selectActiveCampaigns(tx, tenantIds)).map((campaign) => [campaign.id, campaign]));
  if (![...campaigns.values()].some((c) => c.welcomeMessage ?? c.offlineMessage ?? c.queueMessage)) return;
  const rows = (await lockConversations(tx, keys)).filter(
    ({ status, lastInboundAt }) => status !== 'closed' && isWindowOpen(lastInboundAt, WINDOW_HOURS, now),
  );
  const drafts = await draft(tx, rows, campaigns, now, moment);
  if (drafts.length > 0) await send(tx, drafts, rows, now, tenants);
}

/** What each is told now. */
async function draft(
  tx: Tx,
  rows: readonly ConversationRow[],
  campaigns: ReadonlyMap<string, RoutingCampaign>,
  now: Date,
  moment: 'arrived' | 'waits',
): Promise<NewMessage[]> {
  const texts = new Map<string, string[]>();
  const add = async (
    greeting: Greeting,
    wanted: (row: ConversationRow, campaign: RoutingCampaign) => string | null,
  ) => {
    const due = rows.flatMap((row) => {
      const campaign = campaigns.get(row.campaignId ?? '');
      const text = campaign ? wanted(row, campaign) : null;
      return text === null ? [] : [{ row, text }];
    });
    const claimed = await claimGreetings(
      tx,
      greeting,
      due.map(({ row }) => row),
      now,
    );
    for (const { row, text } of due) if (claimed.has(row.id)) texts.set(row.id, [...(texts.get(row.id) ?? []), text]);
  };
  const isQueued = ({ status, assignedUserId }: ConversationRow) => status === 'queued' && assignedUserId === null;
  // The AI answers at any hour, so its chats are welcomed at any hour.
  await add('welcomed_at', (row, c) => (isOpen(c, now) || !isQueued(row) ? c.welcomeMessage : null));
  await add('offline_at', (row, c) => (isQueued(row) && !isOpen(c, now) ? c.offlineMessage : null));
  // Only once routing has looked: most do not wait.
  if (moment === 'waits') {
    await add('position_at', (row, c) => (isQueued(row) && isOpen(c, now) ? c.queueMessage : null));
  }
  const places = await findPlaces(tx, rows.filter(isQueued));
  return rows.flatMap((row) =>
    (texts.get(row.id) ?? []).map((text) => {
      const body = text.replaceAll(POSITION, String(places.get(row.id) ?? 1));
      return newOutbound(row, { kind: 'text', body } satisfies OutboundContent, { author: 'system' }, now);
    }),
  );
}

/** Notes that they are told. Returns those that were not before. */
async function claimGreetings(
  tx: Tx,
  greeting: Greeting,
  rows: readonly ConversationRow[],
  now: Date,
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const column = tx(greeting);
  const claimed = await tx<{ id: string }[]>`
    insert into conversation_routes as r (tenant_id, conversation_id, ${column})
    select tenant_id, id, ${now}::timestamptz
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[]) as n (tenant_id, id)
    on conflict (tenant_id, conversation_id) do update set ${column} = excluded.${column} where r.${column} is null
    returning r.conversation_id as id`;
  return new Set(claimed.map(({ id }) => id));
}

/** The place of each in its queue. */
async function findPlaces(tx: Tx, rows: readonly ConversationRow[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const places = await tx<{ id: string; place: number }[]>`
    select w.id, (
      select count(*)::int from conversations c
      where c.tenant_id = w.tenant_id and c.campaign_id = w.campaign_id and c.status = 'queued'
        and c.assigned_user_id is null and ${ofUnblocked(tx)}
        and (coalesce(c.queued_at, c.created_at), c.id) <= (coalesce(w.queued_at, w.created_at), w.id)) as place
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[]) as n (tenant_id, id)
    join conversations w using (tenant_id, id)`;
  return new Map(places.map(({ id, place }) => [id, place]));
}

/** Stores and orders the messages; those beyond the plan are left out. */
async function send(
  tx: Tx,
  drafts: readonly NewMessage[],
  rows: readonly ConversationRow[],
  now: Date,
  tenants: TenantDirectory,
): Promise<void> {
  const plans = await tenants.get(
    tx,
    drafts.map(({ tenantId }) => tenantId),
  );
  await insertOutbound(tx, drafts);
  const over = await takeBackOverLimit(tx, drafts, plans, now);
  const groups = rows.flatMap((row) => {
    const messages = drafts.filter(({ conversationId, id }) => conversationId === row.id && !over.has(id));
    return messages.length > 0 ? [{ row, messages }] : [];
  });
  if (groups.length === 0) return;
  const [afters, contacts] = await Promise.all([
    applyOutbound(
      tx,
      groups.map(({ row, messages }) => outboundChange(row, messages, now)),
    ),
    findContacts(
      tx,
      groups.map(({ row }) => ({ tenantId: row.tenantId, id: row.contactId })),
    ),
  ]);
  const after = new Map(afters.map((row) => [row.id, row]));
  const contactById = new Map(contacts.map((contact) => [contact.id, contact]));
  await enqueue(
    tx,
    groups.flatMap(({ row, messages }) => {
      const conversation = after.get(row.id)!;
      const contact = contactById.get(row.contactId)!;
      const changed = changedFields(row, conversation);
      return outboundEvents({ conversation, contact, messages, isNew: false, changed, traceparent: undefined });
    }),
  );
}

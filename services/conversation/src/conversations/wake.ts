import type { EventData, timerFired } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { tellOfRouting } from '../routing/tell.ts';
import { firedTimers } from '../timers/fired.ts';
import { SNOOZE, snoozeTimers } from './change.ts';
import { type ConversationRow, conversationColumns, lockConversations } from './store.ts';

interface Key {
  tenantId: string;
  id: string;
}

/** Brings conversations back whose time has come. One that was put off further stays away. */
export async function wakeDue(tx: Tx, events: readonly Delivered<EventData<typeof timerFired>>[]): Promise<void> {
  const fired = firedTimers(events, SNOOZE);
  if (fired.length === 0) return;
  const dueAt = new Map(fired.map((one) => [`${one.tenantId} ${one.id}`, one.fireAt]));
  const unique = [...new Map(fired.map((one) => [`${one.tenantId} ${one.id}`, one])).values()];
  const rows = await lockConversations(tx, unique);
  const due = rows.filter(
    ({ tenantId, id, snoozedUntil }) => snoozedUntil !== null && snoozedUntil <= dueAt.get(`${tenantId} ${id}`)!,
  );
  await wake(tx, due);
}

/** Brings back those of locked conversations that are put away: their customers wrote. */
export async function wakeWritten(tx: Tx, keys: readonly Key[]): Promise<void> {
  const away = (await lockConversations(tx, keys)).filter(({ snoozedUntil }) => snoozedUntil !== null);
  await wake(tx, away);
}

async function wake(tx: Tx, befores: readonly ConversationRow[]): Promise<void> {
  if (befores.length === 0) return;
  const afters = await tx<ConversationRow[]>`
    update conversations c set snoozed_until = null, version = c.version + 1, updated_at = now()
    from unnest(${befores.map((c) => c.tenantId)}::uuid[], ${befores.map((c) => c.id)}::uuid[]) as n (tenant_id, id)
    where c.tenant_id = n.tenant_id and c.id = n.id
    returning ${conversationColumns(tx)}`;
  await tellOfRouting(tx, befores, afters, 'conversation.wake');
  const beforeOf = new Map(befores.map((before) => [before.id, before]));
  await enqueue(
    tx,
    afters.flatMap((after) => snoozeTimers(beforeOf.get(after.id)!, after)),
  );
}

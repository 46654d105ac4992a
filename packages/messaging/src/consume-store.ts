import { uuidv7 } from '@recado/contracts';
import type { Tx, WorkerSql } from './types.ts';

/** Claims event ids for a consumer in the caller's transaction; returns those nobody had taken. */
export async function claimInbox(tx: Tx, consumer: string, eventIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ event_id: string }[]>`
    insert into inbox (consumer, event_id)
    select ${consumer}, id from unnest(${`{${eventIds.join(',')}}`}::text::uuid[]) as t(id)
    on conflict do nothing returning event_id`;
  return new Set(rows.map((row) => row.event_id));
}

/** Adds one failed try, in its own transaction, and returns how many there were. */
export async function countTry(db: WorkerSql, consumer: string, eventId: string, error: string): Promise<number> {
  const [row] = await db<{ tries: number }[]>`
    insert into delivery_tries (consumer, event_id, tries, last_error)
    values (${consumer}, ${eventId}, 1, ${error})
    on conflict (consumer, event_id) do update
    set tries = delivery_tries.tries + 1, last_error = excluded.last_error, updated_at = now()
    returning tries`;
  return row!.tries;
}

export interface Letter {
  tenantId: string | null;
  consumer: string;
  eventId: string | null;
  subject: string;
  envelope: string;
  error: string;
  tries: number;
}

/**
 * Parks an event: out of the way, but kept with its error. It also counts as taken, so that a redelivery (its ack was
 * lost, the stream was published again) passes by; only a replay handles it again.
 */
export async function park(db: WorkerSql, letter: Letter, inbox: boolean): Promise<void> {
  await db.begin(async (tx) => {
    await tx`
      insert into dead_letters (id, tenant_id, consumer, event_id, subject, envelope, error, tries)
      values (${uuidv7()}, ${letter.tenantId}, ${letter.consumer}, ${letter.eventId}, ${letter.subject},
              ${letter.envelope}, ${letter.error}, ${letter.tries})
      on conflict (consumer, event_id) do update
      set error = excluded.error, tries = excluded.tries, parked_at = now(), replayed_at = null`;
    if (letter.eventId === null) return;
    await tx`delete from delivery_tries where consumer = ${letter.consumer} and event_id = ${letter.eventId}`;
    if (inbox) await claimInbox(tx, letter.consumer, [letter.eventId]);
  });
}

/** Forgets the tries of events that went well after all. */
export async function clearTries(tx: Tx, consumer: string, eventIds: readonly string[]): Promise<void> {
  await tx`delete from delivery_tries
           where consumer = ${consumer} and event_id = any(${`{${eventIds.join(',')}}`}::text::uuid[])`;
}

/** Error text fit for a column: no NUL, not endless. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replaceAll('\0', '�').slice(0, 4000);
}

import type { DeadLetterRow } from '../../tables.ts';
import type { Sql, Tx } from '../../types.ts';

/** A dead letter with a requested replay. */
export type ReplayLetter = Pick<DeadLetterRow, 'id' | 'eventId' | 'subject' | 'envelope'>;

/**
 * Dead letters of this consumer that wait for another try. Not locked: `finishReplay` decides who
 * of several copies has it.
 */
export function claimReplays(db: Sql, consumer: string): Promise<ReplayLetter[]> {
  return db<ReplayLetter[]>`
    select id, event_id as "eventId", subject, envelope from dead_letters
    where consumer = ${consumer} and replayed_at is null and replay_requested_at is not null
    order by parked_at limit 100`;
}

/**
 * Marks a letter replayed in the transaction that handles it; false when another copy has done so.
 */
export async function finishReplay(tx: Tx, id: string): Promise<boolean> {
  const { count } = await tx`
    update dead_letters set replayed_at = now()
    where id = ${id} and replayed_at is null and replay_requested_at is not null`;
  return count === 1;
}

/** Parks a letter again, with the new error. */
export async function failReplay(db: Sql, id: string, error: string): Promise<void> {
  await db`
    update dead_letters set replay_requested_at = null, tries = tries + 1, error = ${error}, parked_at = now()
    where id = ${id} and replayed_at is null`;
}

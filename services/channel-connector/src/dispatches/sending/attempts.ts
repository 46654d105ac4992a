import { columns, type Sql, type Tx } from '@recado/database';
import { dispatchAttempts } from '../../schema.ts';

const attemptColumns = columns(dispatchAttempts, { alias: 'a' });

/** A try and its answer. */
export type NewAttempt = typeof attemptColumns.$row;

/** Keeps tries. A late answer replaces what was supposed of a process that seemed dead. */
export function insertAttempts(tx: Tx, rows: readonly NewAttempt[]) {
  const column = <K extends keyof NewAttempt>(name: K) => rows.map((row) => row[name]);
  const times = (name: 'startedAt' | 'endedAt') => rows.map((row) => row[name]?.toISOString() ?? null);
  return tx`
    insert into dispatch_attempts as a (tenant_id, message_id, attempt, result, provider_message_id, error_code,
                                        error_message, started_at, ended_at)
    select * from unnest(${column('tenantId')}::uuid[], ${column('messageId')}::uuid[], ${column('attempt')}::int[],
                         ${column('result')}::text[], ${column('providerMessageId')}::text[],
                         ${column('errorCode')}::text[], ${column('errorMessage')}::text[],
                         ${times('startedAt')}::text[]::timestamptz[], ${times('endedAt')}::text[]::timestamptz[])
    on conflict (tenant_id, message_id, attempt) do update set result = excluded.result,
      provider_message_id = excluded.provider_message_id, error_code = excluded.error_code,
      error_message = excluded.error_message, started_at = coalesce(excluded.started_at, a.started_at),
      ended_at = excluded.ended_at`;
}

export function selectAttempts(tx: Tx, tenantId: string, messageIds: readonly string[]) {
  return tx<NewAttempt[]>`
    select ${attemptColumns(tx)} from dispatch_attempts a
    where a.tenant_id = ${tenantId} and a.message_id = any(${messageIds as string[]}::uuid[])
    order by a.message_id, a.attempt`;
}

/** Drops tries older than 90 days, at most 10,000. Worker role. */
export async function pruneAttempts(sql: Sql): Promise<void> {
  await sql`
    delete from dispatch_attempts where ctid in (
      select ctid from dispatch_attempts where ended_at < now() - interval '90 days' limit 10000)`;
}

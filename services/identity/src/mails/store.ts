import { uuidv7 } from '@recado/contracts';
import { columns, type Database, type Tx, withWorker } from '@recado/database';
import { mails } from '../schema.ts';

export type MailLanguage = MailJob['language'];

/** Mails to one address in a day, from all companies together: no mailbox is flooded. */
const MAX_PER_ADDRESS = 10;
/** Of one company. */
const MAX_PER_TENANT = 5;
const PAUSE_SECONDS = 60;

const jobColumns = columns(mails, { only: ['tenantId', 'id', 'recipient', 'language', 'tries'] });
/** A mail this process sends until its lease ends; its tries include this one. */
export type MailJob = typeof jobColumns.$row;

export const queueMail = (tx: Tx, tenantId: string, recipient: string, language: MailLanguage) => tx`
  insert into mails (tenant_id, id, recipient, language) values (${tenantId}, ${uuidv7()}, ${recipient}, ${language})`;

/** Whether the address may have another mail today. Worker role: other tenants' mails count. */
export async function mayMail(workerDb: Database, recipient: string): Promise<boolean> {
  const [row] = await workerDb.sql<{ count: number }[]>`
    select count(*)::int as count from mails where recipient = ${recipient} and created_at > now() - interval '1 day'`;
  return row!.count < MAX_PER_ADDRESS;
}

/**
 * Seconds until the tenant may have another mail; 0 when it may now. The tenant's row is locked.
 */
export async function secondsUntilNextMail(tx: Tx, tenantId: string): Promise<number> {
  const [row] = await tx<{ seconds: number }[]>`
    select greatest(
      extract(epoch from max(created_at) + ${PAUSE_SECONDS} * interval '1 second' - now()),
      case when count(*) >= ${MAX_PER_TENANT} then extract(epoch from min(created_at) + interval '1 day' - now()) end,
      0)::float8 as seconds
    from mails where tenant_id = ${tenantId} and created_at > now() - interval '1 day'`;
  return row!.seconds;
}

/**
 * Takes due mails and those whose lease ran out. Copies that claim at the same time get different
 * ones.
 */
export const claimMails = (workerDb: Database, limit: number, leaseMs: number) =>
  withWorker(
    workerDb,
    (tx) => tx<MailJob[]>`
      update mails set tries = tries + 1, next_try_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      where (tenant_id, id) in (
        select tenant_id, id from mails
        where sent_at is null and failed_at is null and next_try_at <= clock_timestamp()
        order by next_try_at limit ${limit} for update skip locked)
      returning ${jobColumns(tx)}`,
  );

/** What a mail is about, as it is now. */
export interface MailSubject {
  sealedToken: string;
  /** Another user has the address: its owner is warned, and gets no code. */
  taken: boolean;
}

/**
 * Null when there is nothing to prove any more. Worker role: whether an address is taken is no
 * tenant's business.
 */
export async function findSubject(workerDb: Database, { tenantId, recipient }: MailJob): Promise<MailSubject | null> {
  const [row] = await workerDb.sql<MailSubject[]>`
    select p.sealed_token as "sealedToken",
           exists (select from users u where u.email = ${recipient} and u.deleted_at is null) as taken
    from email_proofs p
    join tenants t on t.tenant_id = p.tenant_id
    join users c on c.tenant_id = p.tenant_id and c.id = p.user_id and c.claimed_email = ${recipient}
    where p.tenant_id = ${tenantId} and p.sealed_token is not null and t.unproved_until > now()`;
  return row ?? null;
}

export const finishMail = (workerDb: Database, { tenantId, id }: MailJob, end: 'sent' | 'failed') =>
  workerDb.sql`
    update mails set sent_at = ${end === 'sent' ? workerDb.sql`now()` : null},
                     failed_at = ${end === 'failed' ? workerDb.sql`now()` : null}
    where tenant_id = ${tenantId} and id = ${id}`;

/** Forgets mails of the past: the limits of a day are all that they serve. Worker role. */
export const pruneMails = (workerDb: Database) =>
  workerDb.sql`
    delete from mails where (tenant_id, id) in (
      select tenant_id, id from mails where created_at < now() - interval '7 days' limit 1000)`;

export const postponeMail = (workerDb: Database, { tenantId, id }: MailJob, pauseMs: number) =>
  workerDb.sql`
    update mails set next_try_at = clock_timestamp() + ${pauseMs} * interval '1 millisecond'
    where tenant_id = ${tenantId} and id = ${id}`;

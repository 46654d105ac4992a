import { columns, type Sql, type Tx } from '@recado/database';
import type { LinkCode } from '../../providers/linking.ts';
import { channels } from '../../schema.ts';
import { sealedColumns } from '../numbers/sealed-store.ts';
import { type ChannelRow, channelColumns, LINK_LEASE_SECONDS } from '../store.ts';
import type { LinkStep } from './link-rules.ts';

const linkColumns = columns(channels, {
  only: ['status', 'lastError', 'phone', 'linkOrder', 'linkTries', 'linkPairWith', 'linkCode'],
});

/** A channel whose link is looked at, of any tenant. */
export type LinkRow = typeof sealedColumns.$row &
  typeof linkColumns.$row & {
    providerId: string;
    /** Since a person began to link; by the database's clock. */
    begunMs: number | null;
  };

/** Worker role: a channel is named by its id alone. */
export function selectLink(sql: Sql, channelId: string) {
  return sql<LinkRow[]>`
    select ${sealedColumns(sql)}, ${linkColumns(sql)}, coalesce(claimed_provider_id, provider_id) as "providerId",
      (extract(epoch from now() - link_begun_at) * 1000)::float8 as "begunMs"
    from channels where id = ${channelId} and coalesce(claimed_provider_id, provider_id) is not null`;
}

const keyColumns = columns(channels, { only: ['tenantId', 'id'] });

/** Takes links that are due; each goes to one caller, for as long as its lease. Worker role. */
export function takeDueLinks(sql: Sql, limit: number) {
  return sql<(typeof keyColumns.$row)[]>`
    update channels set link_due_at = now() + make_interval(secs => ${LINK_LEASE_SECONDS})
    where (tenant_id, id) in (
      select tenant_id, id from channels where link_due_at <= now()
      order by link_due_at limit ${limit} for update skip locked
    )
    returning ${keyColumns(sql)}`;
}

/** What is kept of a link beside status and reason. */
export interface LinkWrite {
  step: LinkStep;
  /** Sealed; null keeps those that are there. */
  credentials: string | null;
}

/** Writes what follows from a look at a link. The row is locked by the caller. */
export function writeLink(
  tx: Tx,
  { tenantId, id }: Pick<LinkRow, 'tenantId' | 'id'>,
  { step, credentials }: LinkWrite,
) {
  const { code, phone, status } = step;
  const shown =
    code === 'keep'
      ? tx``
      : code === null
        ? tx`link_code = null, link_code_until = null,`
        : tx`link_code = ${tx.json({ qr: code.qr, pairingCode: code.pairingCode })},
             link_code_until = now() + make_interval(secs => ${code.lifeMs / 1000}),`;
  const told = phone
    ? tx`phone = coalesce(phone, case when not exists (
             select from channels o where o.tenant_id = ${tenantId} and o.phone = ${phone.phone} and o.id <> ${id}
           ) then ${phone.phone} end),
         profile = ${tx.json({ name: phone.name, pictureUrl: phone.pictureUrl })},`
    : tx``;
  const due = step.dueInMs === null ? tx`null` : tx`now() + make_interval(secs => ${step.dueInMs / 1000})`;
  return tx`
    update channels set ${shown} ${told} ${credentials === null ? tx`` : tx`credentials = ${credentials},`}
      ${status === 'disconnected' ? tx`claimed_provider_id = coalesce(claimed_provider_id, provider_id), provider_id = null,` : tx``}
      link_order = ${step.order}, link_due_at = ${due}, link_tries = ${step.tries},
      link_begun_at = ${step.begun ? tx`link_begun_at` : null}
    where tenant_id = ${tenantId} and id = ${id}`;
}

/** Writes a code while an attempt begins. */
export async function writeCode(
  tx: Tx,
  { tenantId, id }: Pick<LinkRow, 'tenantId' | 'id'>,
  { qr, pairingCode, lifeMs }: LinkCode,
): Promise<ChannelRow | null> {
  const [row] = await tx<ChannelRow[]>`
    update channels set link_code = ${tx.json({ qr, pairingCode })},
      link_code_until = now() + make_interval(secs => ${lifeMs / 1000})
    where tenant_id = ${tenantId} and id = ${id} and link_order = 'begin'
    returning ${channelColumns(tx)}`;
  return row ?? null;
}

/** The provider took an order, or could not be asked; the secrets of a removed channel go then. */
export function settleOrder(
  sql: Sql,
  { tenantId, id, linkOrder }: LinkRow,
  { done, pauseMs }: { done: boolean; pauseMs: number },
) {
  return done
    ? sql`
      update channels set link_order = null, link_due_at = null, link_tries = 0,
        credentials = case when removed_at is null then credentials else '' end,
        claimed_provider_id = case when removed_at is null then claimed_provider_id end
      where tenant_id = ${tenantId} and id = ${id} and link_order = ${linkOrder}`
    : sql`
      update channels set link_due_at = now() + make_interval(secs => ${pauseMs / 1000}), link_tries = link_tries + 1
      where tenant_id = ${tenantId} and id = ${id} and link_order = ${linkOrder}`;
}

/** Whether a row has a code that still holds. */
export const hasCode = (row: Pick<ChannelRow, 'status' | 'linkCode' | 'linkCodeUntil'>, now: Date): boolean =>
  row.status === 'qr' && row.linkCode !== null && row.linkCodeUntil !== null && row.linkCodeUntil > now;

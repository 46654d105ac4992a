import type { Template } from '@recado/contracts';
import { columns, type Sql, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { templates } from '../schema.ts';
import type { TemplateState } from './definition/change-rules.ts';

const templateColumns = columns(templates, { alias: 't' });
export type TemplateRow = typeof templateColumns.$row & { channelIds: string[] };

/** An account of a tenant at a provider. */
export interface AccountKey {
  tenantId: string;
  provider: string;
  accountId: string;
}

const rowColumns = (tx: Sql | Tx) => tx`
  ${templateColumns(tx)},
  array(select c.id from channels c
        where c.tenant_id = t.tenant_id and c.provider = t.provider and c.account_id = t.account_id
          and c.removed_at is null
        order by c.id) as "channelIds"`;

export interface TemplateFilter {
  channelId?: string | undefined;
  status?: Template['status'] | undefined;
  category?: Template['category'] | undefined;
  language?: string | undefined;
  search?: string | undefined;
}

function matches(tx: Tx, tenantId: string, { channelId, status, category, language, search }: TemplateFilter) {
  return tx`t.tenant_id = ${tenantId}
    ${channelId ? tx`and ${ofChannel(tx, tenantId, channelId)}` : tx``}
    ${status ? tx`and t.status = ${status}` : tx``}
    ${category ? tx`and t.category = ${category}` : tx``}
    ${language ? tx`and t.language = ${language}` : tx``}
    ${search ? tx`and (strpos(t.name, lower(${search})) > 0 or strpos(lower(t.components::text), lower(${search})) > 0)` : tx``}`;
}

const ofChannel = (tx: Tx, tenantId: string, channelId: string) => tx`(t.provider, t.account_id) = (
  select c.provider, c.account_id from channels c
  where c.tenant_id = ${tenantId} and c.id = ${channelId} and c.removed_at is null)`;

export type TemplatePlace = { name: string; language: string; id: string };

/** A page by name and language. */
export const selectTemplates = (
  tx: Tx,
  tenantId: string,
  filter: TemplateFilter,
  { after, limit, offset }: Slice<TemplatePlace>,
) => tx<TemplateRow[]>`
  select ${rowColumns(tx)} from templates t
  where ${matches(tx, tenantId, filter)}
    ${after ? tx`and (t.name, t.language, t.id) > (${after.name}, ${after.language}, ${after.id}::uuid)` : tx``}
  order by t.name, t.language, t.id limit ${limit} offset ${offset}`;

export const countTemplates = (tx: Tx, tenantId: string, filter: TemplateFilter) =>
  tx<{ total: number }[]>`select count(*)::int as total from templates t where ${matches(tx, tenantId, filter)}`;

export const selectTemplate = (tx: Tx, tenantId: string, id: string) =>
  tx<TemplateRow[]>`select ${rowColumns(tx)} from templates t where t.tenant_id = ${tenantId} and t.id = ${id}`;

/** The template that a channel sends by this name; null channel ids never match. */
export const selectByName = (tx: Tx, tenantId: string, channelId: string, name: string, language: string) =>
  tx<TemplateRow[]>`
    select ${rowColumns(tx)} from templates t
    where t.tenant_id = ${tenantId} and ${ofChannel(tx, tenantId, channelId)} and t.name = ${name}
      and t.language = ${language}`;

/** Locks a template until the transaction ends. @throws NotFound */
export async function lockTemplate(tx: Tx, tenantId: string, id: string): Promise<TemplateRow> {
  const [row] = await tx<TemplateRow[]>`
    select ${rowColumns(tx)} from templates t where t.tenant_id = ${tenantId} and t.id = ${id} for update of t`;
  if (!row) throw new NotFound('template', id);
  return row;
}

export type NewTemplate = AccountKey & { id: string; name: string; language: string } & TemplateState & {
    syncedAt: Date | null;
  };

/** The row; null when the account has the name in this language already. */
export async function insertTemplate(tx: Tx, row: NewTemplate): Promise<TemplateRow | null> {
  const [inserted] = await tx<TemplateRow[]>`
    insert into templates as t (tenant_id, id, provider, account_id, name, language, provider_template_id, category,
      previous_category, next_category, status, reason, quality, parameter_format, components, synced_at)
    values (${row.tenantId}, ${row.id}, ${row.provider}, ${row.accountId}, ${row.name}, ${row.language},
      ${row.providerTemplateId}, ${row.category}, ${row.previousCategory}, ${row.nextCategory}, ${row.status},
      ${row.reason}, ${row.quality}, ${row.parameterFormat}, ${tx.json(row.components as never)}, ${row.syncedAt})
    on conflict (tenant_id, provider, account_id, name, language) do nothing
    returning ${rowColumns(tx)}`;
  return inserted ?? null;
}

/** Writes the state of a locked template. */
export async function updateTemplateRow(
  tx: Tx,
  { tenantId, id }: Pick<TemplateRow, 'tenantId' | 'id'>,
  state: TemplateState,
  { toldAt = null, syncedAt = null }: { toldAt?: Date | null; syncedAt?: Date | null } = {},
): Promise<TemplateRow> {
  const [row] = await tx<TemplateRow[]>`
    update templates as t set provider_template_id = ${state.providerTemplateId}, category = ${state.category},
      previous_category = ${state.previousCategory}, next_category = ${state.nextCategory}, status = ${state.status},
      reason = ${state.reason}, quality = ${state.quality}, parameter_format = ${state.parameterFormat},
      components = ${tx.json(state.components as never)}, told_at = coalesce(${toldAt}, t.told_at),
      synced_at = coalesce(${syncedAt}, t.synced_at), updated_at = now()
    where t.tenant_id = ${tenantId} and t.id = ${id}
    returning ${rowColumns(tx)}`;
  return row!;
}

export const deleteTemplateRow = (tx: Tx, { tenantId, id }: Pick<TemplateRow, 'tenantId' | 'id'>) =>
  tx<{ id: string }[]>`delete from templates where tenant_id = ${tenantId} and id = ${id} returning id`;

/** Templates of an account by name, locked in one order. */
export const lockByNames = (tx: Tx, { tenantId, provider, accountId }: AccountKey, names: string[]) =>
  tx<TemplateRow[]>`
    select ${rowColumns(tx)} from templates t
    where t.tenant_id = ${tenantId} and t.provider = ${provider} and t.account_id = ${accountId}
      and t.name = any(${names})
    order by t.id for update of t`;

/** Notes that these are at the provider as they are here. */
export const touchTemplates = (tx: Tx, tenantId: string, ids: string[], at: Date) =>
  tx`update templates set synced_at = ${at} where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`;

/** Removes those of an account that the provider did not list any more. Drafts stay. */
export const deleteUnlisted = (tx: Tx, { tenantId, provider, accountId }: AccountKey, startedAt: Date) =>
  tx<TemplateRow[]>`
    delete from templates t
    where t.tenant_id = ${tenantId} and t.provider = ${provider} and t.account_id = ${accountId}
      and t.status <> 'draft' and t.synced_at < ${startedAt}
    returning ${rowColumns(tx)}`;

/** Statuses that a message may be sent with. */
export const USABLE: readonly Template['status'][] = ['approved'];

export const selectUsable = (tx: Tx, tenantId: string, channelId: string, limit: number) =>
  tx<(Pick<TemplateRow, 'id' | 'name' | 'language' | 'category'> & { total: number })[]>`
    select t.id, t.name, t.language, t.category, count(*) over ()::int as total from templates t
    where t.tenant_id = ${tenantId} and ${ofChannel(tx, tenantId, channelId)} and t.status = any(${USABLE as string[]})
    order by t.name, t.language, t.id limit ${limit}`;

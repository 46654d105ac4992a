import { uuidv7 } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { aiConfigs } from '../schema.ts';
import type { ConfigValues } from './rules.ts';

const configColumns = columns(aiConfigs, { except: ['createdAt', 'updatedAt'] });
export type ConfigRow = typeof configColumns.$row;

const policyColumns = columns(aiConfigs, {
  only: ['tenantId', 'enabledSince', 'responseMode', 'businessHours', 'keywords'],
});
/** What decides whether a message is to be answered; the prompt stays in the database. */
export type Policy = typeof policyColumns.$row & { enabledSince: Date; responseDelay: number };

/**
 * A tenant's configuration; null until it is first read. `lock`: the caller is going to change it.
 */
export async function findConfig(tx: Tx, tenantId: string, lock = false): Promise<ConfigRow | null> {
  const [row] = await tx<ConfigRow[]>`
    select ${configColumns(tx)} from ai_configs where tenant_id = ${tenantId} ${lock ? tx`for update` : tx``}`;
  return row ?? null;
}

/** The same, made from the defaults when it is missing. Two parallel callers get the same row. */
export async function ensureConfig(tx: Tx, tenantId: string, defaults: ConfigValues, lock = false): Promise<ConfigRow> {
  const found = await findConfig(tx, tenantId, lock);
  if (found) return found;
  const d = defaults;
  await tx`
    insert into ai_configs (tenant_id, id, enabled, model, personality, response_mode, system_prompt, welcome_message,
                            business_hours, keywords, settings, limits)
    values (${tenantId}, ${uuidv7()}, ${d.enabled}, ${d.model}, ${d.personality}, ${d.responseMode}, ${d.systemPrompt},
            ${d.welcomeMessage}, ${d.businessHours && tx.json(d.businessHours)}, ${d.keywords}::text[],
            ${tx.json(d.settings)}, ${tx.json(d.limits)})
    on conflict (tenant_id) do nothing`;
  return (await findConfig(tx, tenantId, lock))!;
}

/** Saves a changed configuration whole. The caller holds the row's lock. */
export async function saveConfig(tx: Tx, row: ConfigRow): Promise<void> {
  await tx`
    update ai_configs set
      enabled = ${row.enabled}, enabled_since = ${row.enabledSince}, model = ${row.model},
      personality = ${row.personality}, response_mode = ${row.responseMode}, system_prompt = ${row.systemPrompt},
      welcome_message = ${row.welcomeMessage}, business_hours = ${row.businessHours && tx.json(row.businessHours)},
      keywords = ${row.keywords}::text[], settings = ${tx.json(row.settings)}, limits = ${tx.json(row.limits)},
      updated_at = now()
    where tenant_id = ${row.tenantId}`;
}

/** The policies of those of the tenants whose AI is on. */
export async function listPolicies(tx: Tx, tenantIds: readonly string[]): Promise<Policy[]> {
  return tx<Policy[]>`
    select ${policyColumns(tx)}, (settings -> 'responseDelay')::int as "responseDelay"
    from ai_configs where tenant_id = any(${tenantIds as string[]}::uuid[]) and enabled`;
}

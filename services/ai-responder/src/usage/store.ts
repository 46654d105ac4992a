import type { AiConfig } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { dayOf } from './rules.ts';

/** What a tenant's model calls have cost today and this month, in its zone. */
export async function findUsage(tx: Tx, tenantId: string, at: Date, zone: string): Promise<AiConfig['usage']> {
  const { day, monthStart } = dayOf(at, zone);
  const [row] = await tx<[{ today: string; month: string }]>`
    select coalesce(sum(tokens) filter (where day = ${day}), 0) as today, coalesce(sum(tokens), 0) as month
    from usage_days where tenant_id = ${tenantId} and day between ${monthStart} and ${day}`;
  return { tokensToday: Number(row.today), tokensThisMonth: Number(row.month) };
}

/** Adds one call of the model to the tenant's day. */
export async function addUsage(tx: Tx, tenantId: string, day: string, tokens: number): Promise<void> {
  await tx`
    insert into usage_days (tenant_id, day, tokens, calls) values (${tenantId}, ${day}, ${tokens}, 1)
    on conflict (tenant_id, day) do update set tokens = usage_days.tokens + excluded.tokens, calls = usage_days.calls + 1`;
}

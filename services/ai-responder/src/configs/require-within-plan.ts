import type { Tx } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { planLimits } from '../usage/rules.ts';
import type { ConfigPatch } from './rules.ts';

/**
 * Refuses a token budget above the plan's. `deps.tenants.ensure` comes before.
 * @throws ValidationFailed naming each limit that is too high, and the plan's
 */
export async function requireWithinPlan(
  tx: Tx,
  deps: Pick<Deps, 'tenants'>,
  tenantId: string,
  wanted: NonNullable<ConfigPatch['limits']>,
): Promise<void> {
  const { plan } = (await deps.tenants.get(tx, [tenantId])).get(tenantId)!;
  const most = planLimits(plan);
  const names = ['maxTokensPerDay', 'maxTokensPerMonth'] as const;
  const refused = names.filter((name) => (wanted[name] ?? 0) > most[name]);
  if (refused.length === 0) return;
  throw new ValidationFailed(
    refused.map((name) => ({
      field: `limits.${name}`,
      message: `The plan ${plan} has at most ${most[name]}`,
      // zod's code and parameters: the gateway says it in the edition's language.
      code: 'too_big',
      params: { origin: 'number', maximum: most[name], inclusive: true },
    })),
  );
}

import { type AiConfig, type AuditOrigin, aiResponderApi } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { serve, ValidationFailed } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { findUsage } from '../usage/store.ts';
import { configAudit } from './audit.ts';
import { defaultConfig } from './defaults.ts';
import { requireOffered } from './require-offered.ts';
import { requireWithinPlan } from './require-within-plan.ts';
import { type ConfigPatch, enabledSince, isTimeZone, mergeConfig, zoneOf } from './rules.ts';
import { type ConfigRow, ensureConfig, saveConfig } from './store.ts';

export function configRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, aiResponderApi.getConfig, ({ caller }) =>
    withTenant(deps.db, caller.tenantId, async (tx) =>
      view(
        tx,
        deps,
        await ensureConfig(
          tx,
          caller.tenantId,
          defaultConfig(deps.config.RECADO_DEFAULT_TIMEZONE, deps.config.RECADO_AI_MODELS),
        ),
      ),
    ),
  );
  serve(app, aiResponderApi.updateConfig, ({ origin, body }) => change(deps, origin, body));
  serve(app, aiResponderApi.toggle, ({ origin, body }) => change(deps, origin, body));
}

async function change(deps: Deps, origin: AuditOrigin, patch: ConfigPatch): Promise<AiConfig> {
  const { tenantId } = origin;
  const timezone = patch.businessHours?.timezone;
  if (timezone !== undefined && !isTimeZone(timezone)) {
    throw new ValidationFailed([{ field: 'businessHours.timezone', message: 'Unknown time zone', code: 'timezone' }]);
  }
  if (patch.model !== undefined) requireOffered(deps, patch.model);
  if (patch.limits) await deps.tenants.ensure(tenantId);
  const saved = await withTenant(deps.db, tenantId, async (tx) => {
    if (patch.limits) await requireWithinPlan(tx, deps, tenantId, patch.limits);
    const current = await ensureConfig(
      tx,
      tenantId,
      defaultConfig(deps.config.RECADO_DEFAULT_TIMEZONE, deps.config.RECADO_AI_MODELS),
      true,
    );
    const values = mergeConfig(current, patch);
    const now = deps.now();
    const row: ConfigRow = {
      ...values,
      tenantId,
      id: current.id,
      enabledSince: enabledSince(values.enabled, current.enabledSince, now),
    };
    await saveConfig(tx, row);
    await enqueue(tx, configAudit(origin, current, row, now));
    return view(tx, deps, row);
  });
  deps.policies.changed(tenantId);
  return saved;
}

async function view(tx: Tx, deps: Deps, row: ConfigRow): Promise<AiConfig> {
  const { tenantId, enabledSince: _, ...shown } = row;
  const usage = await findUsage(tx, tenantId, deps.now(), zoneOf(row, deps.config.RECADO_DEFAULT_TIMEZONE));
  return { ...shown, usage };
}

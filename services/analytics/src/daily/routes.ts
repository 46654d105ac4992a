import { analyticsApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { serve, ValidationFailed } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { METRIC_NAMES, rangeErrors } from './rules.ts';
import { findZone, selectDaily } from './store.ts';

export function dailyRoutes(app: FastifyInstance, { db, config }: Deps): void {
  serve(app, analyticsApi.listDailyCounts, async ({ caller, query: { from, to } }) => {
    const { tenantId } = caller;
    const errors = rangeErrors(from, to);
    if (errors.length > 0) throw new ValidationFailed(errors);
    const [timezone, counts] = await readTenant(db, tenantId, (tx) => [
      findZone(tx, tenantId, config.RECADO_DEFAULT_TIMEZONE),
      selectDaily(tx, tenantId, from, to),
    ]);
    return { timezone, items: counts.map((count) => ({ ...count, metric: METRIC_NAMES[count.metric] })) };
  });
}

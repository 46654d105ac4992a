import { tenantCreated, tenantUpdated } from '@recado/contracts';
import type { Deps } from '../deps.ts';
import { saveTenants } from '../tenants/store.ts';
import { consumeToCount } from './count.ts';

export const consumeTenants = (deps: Deps) =>
  [tenantCreated, tenantUpdated].map((event) =>
    consumeToCount(deps, {
      event,
      handle: (tx, events) =>
        saveTenants(
          tx,
          events.map((e) => ({ tenantId: e.tenantId, timezone: e.data.timezone, changedAt: e.envelope.time })),
        ),
    }),
  );

import type { EventData, templateReported } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { selectOwnerOfAccount } from './accounts/accounts.ts';
import { applyReport, differences } from './definition/change-rules.ts';
import { enqueueReading } from './order.ts';
import { deleteTemplateRow, lockByNames, updateTemplateRow } from './store.ts';
import { changedEvent, removedEvent } from './views.ts';

type Reported = Pick<Delivered<EventData<typeof templateReported>>, 'tenantId' | 'data'>;

/**
 * Applies what the provider reported of templates. It may come twice and in any order. A template
 * that is not known, and texts that changed, are read from the provider.
 */
export async function applyReports(tx: Tx, { now }: Pick<Deps, 'now'>, events: readonly Reported[]): Promise<void> {
  for (const { tenantId, data } of events) {
    const { provider, accountId, name, language, at, ...change } = data;
    const key = { tenantId, provider, accountId };
    const row = (await lockByNames(tx, key, [name])).find((one) => one.language === language);
    if (!row || change.componentsChanged) {
      const [owner] = change.deleted ? [] : await selectOwnerOfAccount(tx, key);
      if (owner) await enqueueReading(tx, tenantId, owner.id, now());
    }
    if (!row) continue;
    const toldAt = at === null ? null : new Date(at);
    const after = applyReport(row, { ...change, at: toldAt });
    if (!after) continue;
    if (change.deleted) {
      await deleteTemplateRow(tx, row);
      await enqueue(tx, removedEvent(row, now()));
      continue;
    }
    const changed = differences(row, after);
    const written = await updateTemplateRow(tx, row, after, { toldAt });
    if (changed.length > 0) await enqueue(tx, changedEvent(written, changed, now()));
  }
}

import { type AuditOrigin, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { openAccountOfTemplate } from './accounts/owner.ts';
import { findTemplate } from './list.ts';
import { settleCall } from './provider-calls.ts';
import { deleteTemplateRow } from './store.ts';
import { chosen, removedEvent, templateAudit } from './views.ts';

/** Deletes a template in its language, at the provider first. @throws NotFound; as toAppError */
export async function removeTemplate(deps: Deps, origin: AuditOrigin, id: string): Promise<void> {
  const { tenantId } = origin;
  const row = await findTemplate(deps.db, tenantId, id);
  const { providerTemplateId, name } = row;
  if (providerTemplateId !== null) {
    const account = await openAccountOfTemplate(deps, row);
    const outcome = await account.templates.remove(account.owner, { id: providerTemplateId, name });
    await settleCall(deps, account, outcome);
  }
  await withTenant(deps.db, tenantId, async (tx) => {
    if ((await deleteTemplateRow(tx, row)).length === 0) return;
    const now = deps.now();
    const changes = changesBetween(chosen(row), {});
    await enqueue(tx, [removedEvent(row, now, origin.traceparent), templateAudit('delete', id, changes, origin, now)]);
  });
}

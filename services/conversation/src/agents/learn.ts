import type { Tx } from '@recado/database';
import type { UserEvent } from '@recado/service';
import type { Deps } from '../deps.ts';
import { routeChats } from '../routing/handle.ts';
import { type AgentSettings, saveSettings } from './store.ts';

/** What identity's user events say of agents. A higher limit may bring them a chat at once. */
export async function learnAgents(
  tx: Tx,
  deps: Pick<Deps, 'tenants' | 'now'>,
  events: readonly UserEvent[],
  removed: boolean,
): Promise<void> {
  await saveSettings(
    tx,
    events.flatMap((event) => toSettings(event, removed)),
  );
  const tenantIds = events.map(({ tenantId }) => tenantId);
  if (!removed) await routeChats(tx, deps, deps.now(), tenantIds);
}

/** None of an identity service of the version before, which tells no limits. */
function toSettings({ tenantId, id, data, envelope }: UserEvent, removed: boolean): AgentSettings[] {
  const { userId, maxConcurrentChats: maxChats, autoAssign } = data;
  if (maxChats === undefined || autoAssign === undefined) return [];
  const status = removed ? 'removed' : data.status;
  return [{ tenantId, id: userId, status, maxChats, autoAssign, settingsAt: envelope.time, settingsId: id }];
}

import type { Tx } from '@recado/database';
import type { UserEvent } from '@recado/service';
import type { Deps } from '../deps.ts';
import { lockRouted, routeChats } from '../routing/handle.ts';
import { returnOverfull } from '../routing/leave.ts';
import { type AgentSettings, saveSettings } from './store.ts';

/** What identity's user events say of agents. A limit brings chats, or takes some. */
export async function learnAgents(
  tx: Tx,
  deps: Pick<Deps, 'tenants' | 'now'>,
  events: readonly UserEvent[],
  removed: boolean,
): Promise<void> {
  const tenantIds = events.map(({ tenantId }) => tenantId);
  // Before the agents: everywhere routing's lock is the first.
  await lockRouted(tx, tenantIds);
  const lowered = await saveSettings(
    tx,
    events.flatMap((event) => toSettings(event, removed)),
  );
  await returnOverfull(tx, lowered);
  if (!removed) await routeChats(tx, deps, deps.now(), tenantIds);
}

/** None of an identity service of the version before, which tells no limits. */
function toSettings({ tenantId, id, data, envelope }: UserEvent, removed: boolean): AgentSettings[] {
  const { userId, maxConcurrentChats: maxChats, autoAssign } = data;
  if (maxChats === undefined || autoAssign === undefined) return [];
  const status = removed ? 'removed' : data.status;
  return [{ tenantId, id: userId, status, maxChats, autoAssign, settingsAt: envelope.time, settingsId: id }];
}

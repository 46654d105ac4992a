import type { Tx } from '@recado/database';
import type { UserEvent } from '@recado/service';
import { type AgentSettings, saveSettings } from './store.ts';

/** What identity's user events say of agents. */
export const learnAgents = (tx: Tx, events: readonly UserEvent[], removed: boolean): Promise<void> =>
  saveSettings(
    tx,
    events.flatMap((event) => toSettings(event, removed)),
  );

/** None of an identity service of the version before, which tells no limits. */
function toSettings({ tenantId, id, data, envelope }: UserEvent, removed: boolean): AgentSettings[] {
  const { userId, maxConcurrentChats: maxChats, autoAssign } = data;
  if (maxChats === undefined || autoAssign === undefined) return [];
  const status = removed ? 'removed' : data.status;
  return [{ tenantId, id: userId, status, maxChats, autoAssign, settingsAt: envelope.time, settingsId: id }];
}

import type { EventData, messageReceived } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { OutgoingEvent } from '@recado/messaging';
import { createCache } from '@recado/service-kit';
import { lookUpJob } from './job.ts';
import { takeDueGroups } from './store.ts';

/** A group in which a person wrote. */
export interface SpokenIn {
  tenantId: string;
  channelId: string;
  groupId: string;
}

/** Groups that this process has ordered a look at, or seen that another did. */
export interface KnownGroups {
  /** Those of the messages that may be due; almost always none. */
  due(events: readonly OutgoingEvent[]): SpokenIn[];
  /** Their orders are committed. */
  remember(groups: readonly SpokenIn[]): void;
}

/** Milliseconds for which a process does not ask the table again. */
const KNOWN_MS = 3600_000;

export function createKnownGroups(): KnownGroups {
  const known = createCache<string, true>({ max: 10_000, ttl: KNOWN_MS });
  return {
    due(events) {
      const found = new Map<string, SpokenIn>();
      for (const { envelope } of events) {
        const { channelId, details } = envelope.data as Partial<EventData<typeof messageReceived>>;
        const groupId = details?.group?.id;
        if (groupId === undefined || channelId === undefined) continue;
        const one = { tenantId: envelope.tenantid, channelId, groupId };
        if (!known.has(keyOf(one))) found.set(keyOf(one), one);
      }
      return [...found.values()];
    },
    remember(groups) {
      for (const group of groups) known.set(keyOf(group), true);
    },
  };
}

const keyOf = ({ channelId, groupId }: SpokenIn): string => `${channelId} ${groupId}`;

/** Orders a look at each group that was not looked at for a day. */
export async function orderLookUps(tx: Tx, groups: readonly SpokenIn[]): Promise<void> {
  const due = await takeDueGroups(tx, groups);
  await enqueueJobs(
    tx,
    lookUpJob,
    due.map(({ tenantId, channelId, groupId }) => ({ tenantId, data: { channelId, groupId } })),
  );
}

import { type Tx, withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { phoneKey } from '@recado/service-kit/phone';
import type { KnownChannel } from '../../channels/directory.ts';
import type { Deps } from '../../deps.ts';
import { dispatchStatusEvent } from '../events.ts';
import { failQueued, type NewDispatch } from '../store.ts';
import {
  addOpenings,
  findOpened,
  listStaleOpenings,
  lockOpenings,
  type Opening,
  type OwnerKey,
} from './opening-store.ts';

const HOUR_MS = 3_600_000;
/** The provider counts over a moving day. */
const WINDOW_MS = 24 * HOUR_MS;
const AT_ONCE = 20;

/** A message that was just queued. */
export interface Queued {
  row: NewDispatch;
  /** When its customer last wrote to the channel. */
  lastInboundAt: string | null;
}

interface Opener extends Opening {
  row: NewDispatch;
}

/**
 * Counts the customers whom templates write to first, and fails those beyond the account's limit at
 * once: a day later they would be unexpected.
 * @returns how many failed
 */
export async function keepMessagingLimits(
  tx: Tx,
  deps: Pick<Deps, 'directory' | 'now'>,
  queued: readonly Queued[],
): Promise<number> {
  const now = deps.now();
  const owners = new Map<string, { key: OwnerKey; limit: number; openers: Opener[] }>();
  for (const one of queued) {
    // Only templates may open a conversation; nearly all messages end here.
    if (one.row.type !== 'template') continue;
    const channel = await deps.directory.find(`id:${one.row.channelId}`);
    if (channel?.tenantId !== one.row.tenantId || channel.openingsPerDay === null) continue;
    const opener = openerOf(one, channel, now);
    if (!opener) continue;
    const key = { tenantId: channel.tenantId, owner: ownerOf(channel) };
    const name = `${key.tenantId} ${key.owner}`;
    const owner = owners.get(name) ?? { key, limit: channel.openingsPerDay, openers: [] };
    owner.openers.push(opener);
    owners.set(name, owner);
  }
  let failed = 0;
  // In the order in which all lock several counts.
  for (const name of [...owners.keys()].sort()) {
    const { key, limit, openers } = owners.get(name)!;
    failed += await keepLimit(tx, key, limit, openers, now);
  }
  return failed;
}

/** Numbers of one account share its limit. */
const ownerOf = ({ provider, accountId, id }: KnownChannel): string =>
  accountId === null ? `channel:${id}` : `${provider.name}:${accountId}`;

function openerOf({ row, lastInboundAt }: Queued, { provider }: KnownChannel, now: Date): Opener | null {
  const { waId, phone, userId } = row.recipient;
  const recipient = phoneKey(phone ?? (waId === null ? null : `+${waId}`)) ?? userId;
  if (recipient === null) return null;
  const openedAt = new Date(Math.max(now.getTime(), row.dueAt === null ? 0 : Date.parse(row.dueAt)));
  const hours = provider.capabilities.replyWindowHours ?? 0;
  const isOpen = lastInboundAt !== null && openedAt.getTime() - Date.parse(lastInboundAt) < hours * HOUR_MS;
  return isOpen ? null : { row, recipient, openedAt, messageId: row.messageId };
}

async function keepLimit(tx: Tx, key: OwnerKey, limit: number, openers: readonly Opener[], now: Date): Promise<number> {
  const used = await lockOpenings(tx, key, new Date(now.getTime() - WINDOW_MS), now);
  const known = await findOpened(
    tx,
    key,
    openers.map(({ recipient }) => recipient),
  );
  const { granted, beyond } = shareRoom(openers, known, limit - used);
  await addOpenings(tx, key, granted);
  if (beyond.length === 0) return 0;
  const message = `The limit of ${limit} customers written to first in 24 hours is reached`;
  const error = { code: 'messaging_limit', message };
  const rows = beyond.map(({ row }) => row);
  await failQueued(tx, rows, error);
  await enqueue(
    tx,
    rows.map((row) => dispatchStatusEvent(row, 'failed', null, error, now)),
  );
  return beyond.length;
}

/**
 * Gives room to customers in the order of their messages. One who was written to today takes none.
 * @returns of those who may be written to, each once and at the latest time
 */
export function shareRoom<T extends Opening & { row: Pick<NewDispatch, 'requestedAt'> }>(
  openers: readonly T[],
  known: ReadonlySet<string>,
  room: number,
): { granted: T[]; beyond: T[] } {
  const granted = new Map<string, T>();
  const beyond: T[] = [];
  let fresh = 0;
  for (const one of openers.toSorted((a, b) => (a.row.requestedAt < b.row.requestedAt ? -1 : 1))) {
    const { recipient } = one;
    const before = granted.get(recipient);
    const isFree = known.has(recipient) || before !== undefined;
    if (!isFree && fresh >= room) {
      beyond.push(one);
      continue;
    }
    if (!isFree) fresh++;
    const latest = before && before.openedAt > one.openedAt ? before : one;
    granted.set(recipient, before ? { ...latest, messageId: null } : one);
  }
  return { granted: [...granted.values()], beyond };
}

/** Forgets the customers of accounts that send no more. Any number of copies may do it. */
export async function sweepOpenings({ workerDb, now }: Pick<Deps, 'workerDb' | 'now'>): Promise<void> {
  const at = now();
  const stale = await listStaleOpenings(workerDb.sql, new Date(at.getTime() - HOUR_MS), AT_ONCE);
  for (const key of stale) {
    await withWorker(workerDb, (tx) => lockOpenings(tx, key, new Date(at.getTime() - WINDOW_MS), at));
  }
}

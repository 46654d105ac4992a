import {
  type BuiltEvent,
  buildEvent,
  type EventData,
  type messageStatus,
  messageUpdated,
  type StatusDetails,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { applyReport, type StatusReport, sameTicks, type Ticks } from '../messages/rules.ts';
import { type ProviderKey, providerKey } from '../messages/store.ts';
import { joinByIndex } from '../plans.ts';
import { withoutNul } from '../text.ts';
import {
  lockOutbound,
  lockProviderIds,
  type OutboundState,
  type ParkedStatus,
  park,
  pruneParked,
  type RecordedStatus,
  recordStatuses,
  takeParked,
  writeTicks,
} from './store.ts';

type Changed = EventData<typeof messageStatus>;

/** A report with what it may be matched by. */
interface Item extends StatusReport {
  eventId: string;
  source: Changed['source'];
  tenantId: string;
  channelId: string;
  messageId: string | null;
  providerMessageId: string | null;
  traceparent: string | undefined;
  details: StatusDetails | null;
}

interface Draft {
  before: OutboundState;
  ticks: Ticks;
  providerMessageId: string | null;
  /** Of the report that moved the status. */
  at: Date;
  traceparent: string | undefined;
  details: StatusDetails | null;
}

export interface StatusOutcome {
  /** Messages whose row changed. */
  applied: number;
  /** Reports that wait for their message. */
  parked: number;
  /** Reports that name an unknown message and no provider id to wait by. */
  orphaned: number;
}

/**
 * Applies status reports by rank, matched by our id, else by (channel, provider id). A report with
 * both teaches the provider id, and reports that waited for it are applied too.
 */
export async function applyStatuses(tx: Tx, events: readonly Delivered<Changed>[]): Promise<StatusOutcome> {
  const items = events.map(toItem);
  const named = items.filter(hasProviderId);
  joinByIndex(tx);
  // Parking a report and learning its id both hold the id's lock, so they cannot miss each other.
  // Sent now, so that the rows are read after it in the same round trip.
  const locking = named.length > 0 ? lockProviderIds(tx, named).execute() : null;
  const [, rows] = await Promise.all([locking, lockOutbound(tx, items)]);
  const drafts = new Map(rows.map((row) => [`${row.tenantId} ${row.id}`, toDraft(row)]));
  const byProviderId = new Map<string, Draft>();
  for (const draft of drafts.values()) if (draft.providerMessageId !== null) byProviderId.set(keyOf(draft), draft);

  const learned = learn(items, drafts, byProviderId);
  const late = learned.length > 0 ? await takeParked(tx, learned) : [];
  const waiting: ParkedStatus[] = [];
  const reports: RecordedStatus[] = [];
  let orphaned = 0;
  for (const item of [...items, ...late.map(fromParked)]) {
    const draft = find(item, drafts, byProviderId);
    if (draft) {
      report(draft, item);
      reports.push(toRecorded(draft, item));
    } else if (hasProviderId(item)) waiting.push(toParked(item));
    else orphaned++;
  }
  if (reports.length > 0) await recordStatuses(tx, reports);
  const changed = [...drafts.values()].filter(isChanged);
  if (changed.length > 0) {
    await writeTicks(
      tx,
      changed.map(({ before, ticks, providerMessageId }) => ({ ...before, ...ticks, providerMessageId })),
    );
  }
  if (waiting.length > 0) await Promise.all([park(tx, waiting), pruneParked(tx)]);
  await enqueue(tx, changed.filter((draft) => draft.ticks.status !== draft.before.ticks.status).map(tell));
  return { applied: changed.length, parked: waiting.length, orphaned };
}

function toItem({ data, tenantId, id, envelope }: Delivered<Changed>): Item {
  return {
    eventId: id,
    tenantId,
    channelId: data.channelId,
    source: data.source,
    messageId: data.messageId,
    providerMessageId: data.providerMessageId,
    status: data.status,
    at: new Date(data.at),
    error: withoutNul(data.error),
    traceparent: envelope.traceparent,
    details: withoutNul(data.details ?? null),
  };
}

const hasProviderId = <T extends Item>(item: T): item is T & ProviderKey => item.providerMessageId !== null;

const toDraft = (before: OutboundState): Draft => ({
  before,
  ticks: before.ticks,
  providerMessageId: before.providerMessageId,
  at: new Date(0),
  traceparent: undefined,
  details: null,
});

const keyOf = ({ before, providerMessageId }: Draft): string =>
  providerKey({ ...before, providerMessageId: providerMessageId ?? '' });

/** Gives messages the provider ids that came with their own; the ids learned are returned. */
function learn(items: readonly Item[], drafts: Map<string, Draft>, byProviderId: Map<string, Draft>): ProviderKey[] {
  const learned: ProviderKey[] = [];
  for (const item of items) {
    const draft = item.messageId === null ? undefined : drafts.get(`${item.tenantId} ${item.messageId}`);
    if (!draft || draft.providerMessageId !== null || !hasProviderId(item)) continue;
    if (item.channelId !== draft.before.channelId) continue;
    const key = { ...draft.before, providerMessageId: item.providerMessageId };
    // Some other message has it already; the unique key would refuse the whole batch for this one
    // report.
    if (byProviderId.has(providerKey(key))) continue;
    draft.providerMessageId = item.providerMessageId;
    byProviderId.set(providerKey(key), draft);
    learned.push(key);
  }
  return learned;
}

function find(item: Item, drafts: Map<string, Draft>, byProviderId: Map<string, Draft>): Draft | undefined {
  const byId = item.messageId === null ? undefined : drafts.get(`${item.tenantId} ${item.messageId}`);
  return byId ?? (hasProviderId(item) ? byProviderId.get(providerKey(item)) : undefined);
}

function report(draft: Draft, item: Item): void {
  const next = applyReport(draft.ticks, item);
  if (next.status !== draft.ticks.status) {
    draft.at = item.at;
    draft.traceparent = item.traceparent;
    draft.details = item.details;
  }
  draft.ticks = next;
}

const isChanged = ({ before, ticks, providerMessageId }: Draft): boolean =>
  providerMessageId !== before.providerMessageId || !sameTicks(ticks, before.ticks);

const toParked = (item: Item & ProviderKey): ParkedStatus => ({
  tenantId: item.tenantId,
  id: item.eventId,
  channelId: item.channelId,
  providerMessageId: item.providerMessageId,
  status: item.status,
  at: item.at,
  errorCode: item.error?.code ?? null,
  errorMessage: item.error?.message ?? null,
  details: item.details,
});

const toRecorded = ({ before }: Draft, item: Item): RecordedStatus => ({
  tenantId: before.tenantId,
  messageId: before.id,
  id: item.eventId,
  status: item.status,
  source: item.source,
  at: item.at,
  errorCode: item.error?.code ?? null,
  errorMessage: item.error?.message ?? null,
  details: item.details,
});

const fromParked = ({ id, errorCode, errorMessage, ...rest }: ParkedStatus): Item => ({
  ...rest,
  eventId: id,
  source: 'webhook',
  messageId: null,
  error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
  traceparent: undefined,
});

function tell({ before, ticks, providerMessageId, at, traceparent, details }: Draft): BuiltEvent {
  const { tenantId, id, conversationId, channelId, author } = before;
  const data = {
    messageId: id,
    conversationId,
    channelId,
    providerMessageId,
    status: ticks.status,
    previousStatus: before.ticks.status,
    direction: 'outbound' as const,
    author,
    at: at.toISOString(),
    error: ticks.error,
    details,
  };
  return buildEvent(messageUpdated, { tenantId, subject: id, traceparent, data });
}

import { aiTimerOrdered, buildEvent, type EventData, type messageCreated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { Policies } from '../configs/policies.ts';
import type { Policy } from '../configs/store.ts';
import { type BurstLine, type LiveReply, placeLine } from './burst.ts';
import { isAnswerable, isJoinable, isWanted } from './rules.ts';
import { greetWith, insertReplies, type NewReply, selectLive, supersede } from './store.ts';
import { type ConversationKey, lockTurns, nameOf, saveTurns, type Turn } from './turns.ts';

type Created = Delivered<EventData<typeof messageCreated>>;

/** The scheduler's key: one timer for each conversation, so that a further message moves it. */
const timerKey = (conversationId: string): string => `reply:${conversationId}`;

/** A line of a customer, with what its answer needs. */
interface Line extends BurstLine, ConversationKey {
  quietMs: number;
  traceparent: string | undefined;
}

export interface OrderOptions {
  policies: Policies;
  now: Date;
  /** Of business hours that name none. */
  zone: string;
  /** Milliseconds from the first message of a burst to its answer, at most. */
  longestMs: number;
}

/**
 * Orders a timer for each customer's message that the AI is to answer. Messages of tenants without
 * AI cost no statement of their own.
 * @returns the messages whose replies are superseded while a model may be writing them
 */
export async function orderReplies(tx: Tx, events: readonly Created[], options: OrderOptions): Promise<string[]> {
  const answerable = events.filter((event) => isAnswerable(event.data));
  if (answerable.length === 0) return [];
  const known = await options.policies.load(tx, new Set(answerable.map((event) => event.tenantId)));
  const lines = answerable.flatMap((event) => toLine(event, known.get(event.tenantId), options));
  if (lines.length === 0) return [];
  const turns = await lockTurns(tx, lines);
  const live = Map.groupBy(await selectLive(tx, [...turns.values()]), nameOf);
  const placed = placeAll(lines, turns, live, options);
  await greetWith(tx, placed.openers);
  if (placed.replies.length === 0) return [];
  await supersede(tx, placed.superseded);
  await insertReplies(tx, placed.replies);
  await saveTurns(tx, placed.turns);
  const waiting = placed.replies.filter(({ state }) => state === 'waiting');
  await enqueue(
    tx,
    waiting.map((reply) => timerOrder(reply, options.now)),
  );
  return placed.superseded.filter(({ state }) => state === 'working').map(({ inboundMessageId }) => inboundMessageId);
}

function toLine(event: Created, policy: Policy | undefined, { now, zone }: OrderOptions): Line[] {
  const { tenantId, data, envelope } = event;
  const { message, conversation } = data;
  if (!policy || !isJoinable(policy, message, now)) return [];
  const { responseDelay: quietMs } = policy;
  const { id: inboundMessageId } = message;
  const { id: conversationId, isNew } = conversation;
  const joins = !isWanted(policy, message, zone);
  const inboundAt = new Date(message.createdAt);
  const { traceparent } = envelope;
  return [{ tenantId, conversationId, inboundMessageId, inboundAt, isNew, joins, quietMs, traceparent }];
}

type Live = LiveReply & ConversationKey;

/** Places the lines one after the other, as they were stored. */
function placeAll(
  lines: readonly Line[],
  turns: ReadonlyMap<string, Turn>,
  found: ReadonlyMap<string, Live[]>,
  { now, longestMs }: OrderOptions,
) {
  const fresh = new Map<string, NewReply>();
  const superseded: Live[] = [];
  /** Live replies whose first line comes only now. */
  const openers: Live[] = [];
  const live = new Map(found);
  const after = new Map(turns);
  for (const line of lines.toSorted((a, b) => (isLater(a, b) ? 1 : -1))) {
    const { tenantId, conversationId, inboundMessageId, inboundAt, traceparent, quietMs } = line;
    const name = nameOf(line);
    const there = live.get(name) ?? [];
    if (isKnown(line, after.get(name)!, there)) {
      if (line.isNew) openers.push(...there.filter((one) => !one.isNew && !fresh.has(one.inboundMessageId)));
      continue;
    }
    const placed = placeLine(there, line, { quietMs, longestMs });
    if (!placed) continue;
    const { reply, supersedes } = placed;
    for (const gone of supersedes) {
      const own = fresh.get(gone.inboundMessageId);
      if (own) own.state = 'superseded';
      else superseded.push({ ...gone, tenantId, conversationId });
    }
    const left = there.filter((one) => !supersedes.includes(one));
    live.set(name, [...left, { ...reply, tenantId, conversationId }]);
    after.set(name, { ...after.get(name)!, lastInboundId: inboundMessageId, lastInboundAt: inboundAt });
    const { burstAt, isNew } = reply;
    const fireAt = new Date(Math.max(placed.fireAt.getTime(), now.getTime()));
    const key = { tenantId, conversationId, inboundMessageId };
    fresh.set(inboundMessageId, { ...key, state: 'waiting', inboundAt, isNew, burstAt, fireAt, traceparent });
  }
  const gone = new Set(superseded.map(({ inboundMessageId }) => inboundMessageId));
  const changed = [...after].flatMap(([name, turn]): Turn[] =>
    turn === turns.get(name) ? [] : [{ ...turn, workingId: gone.has(turn.workingId ?? '') ? null : turn.workingId }],
  );
  return { replies: [...fresh.values()], superseded, openers, turns: changed };
}

type Moment = Pick<Line, 'inboundMessageId' | 'inboundAt'>;

/** Whether `a` was stored after `b`. */
const isLater = (a: Moment, b: Moment): boolean =>
  a.inboundAt.getTime() === b.inboundAt.getTime() ? a.inboundMessageId > b.inboundMessageId : a.inboundAt > b.inboundAt;

/** A repeat, or one that came late: the reply to a later one answers it. */
function isKnown(line: Line, { lastInboundId, lastInboundAt }: Turn, live: readonly Live[]): boolean {
  if (live.some(({ inboundMessageId }) => inboundMessageId === line.inboundMessageId)) return true;
  if (lastInboundId === null || lastInboundAt === null) return false;
  return !isLater(line, { inboundMessageId: lastInboundId, inboundAt: lastInboundAt });
}

function timerOrder({ tenantId, conversationId, inboundMessageId, fireAt, traceparent }: NewReply, now: Date) {
  return {
    ...buildEvent(aiTimerOrdered, {
      tenantId,
      subject: conversationId,
      time: now,
      traceparent,
      data: {
        key: timerKey(conversationId),
        fireAt: fireAt.toISOString(),
        payload: { conversationId, inboundMessageId },
      },
    }),
    dedupeKey: `timer:${inboundMessageId}`,
  };
}

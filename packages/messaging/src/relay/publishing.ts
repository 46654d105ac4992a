import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@recado/contracts';
import type { Bus } from '../jetstream/bus.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Metrics } from '../metrics.ts';
import type { EventBatch } from '../outbox/event-batch.ts';
import type { Log } from '../types.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import type { Leadership } from './leader.ts';
import { createMarks, type Marks } from './marks.ts';
import type { Pace } from './pace.ts';
import { createPublisher, type PubAck, type PublishError, type Publisher } from './publisher.ts';
import { createReading, type Reading, roundRobin } from './reading.ts';
import type { UnsentRow } from './store.ts';

/** Publishes are refused or not answered. */
export interface Trouble {
  /** Since when, by the steady clock. */
  since: number;
  kind: PublishError['kind'];
}

/** Why the stream must be checked before anything more is sent. */
export interface CheckReason {
  kind: 'went-back' | 'full' | 'unsure';
  text: string;
}

/** What one read has shown: `nothing` unsent, `some` rows, or `more` than were read. */
export type Sent = 'nothing' | 'some' | 'more';

interface PublishingOptions {
  leadership: Leadership;
  bus: Bus;
  service: ServiceName;
  pace: Pace;
  log: Log;
  metrics: Metrics;
  totals: { published: number; republished: number; handed: number };
  wake(): void;
}

/** The leader's pipeline: what it sends, waits for and marks. */
export interface Publishing {
  inFlight(): number;
  isFull(): boolean;
  checkReason(): CheckReason | null;
  trouble(): Trouble | null;
  highWater(): number;
  /** Sends nothing more until the stream was checked. */
  requestCheck(text: string): void;
  /** Something may be in the table that was neither read nor handed over. */
  look(): void;
  /**
   * Publishes what was just committed; when that cannot be now, it is read like everything else.
   * Never throws.
   */
  publishCommitted(batches: readonly EventBatch[]): void;
  /** The stream was checked: sends again, after this sequence. */
  resume(highWater: number): void;
  /**
   * Resolves when nothing is in flight. Every publish ends: with an ack, an error, or after 5 s.
   */
  settle(): Promise<void>;
  /** Reads the next rows and publishes them, as far as the durables that set the pace have room. */
  sendNext(): Promise<Sent>;
  close(): void;
}

interface State extends PublishingOptions {
  publisher: Publisher;
  reading: Reading;
  inFlight: InFlight;
  /** `settling`: it waits for what is in flight and sends nothing more until resume(). */
  phase: 'sending' | 'settling' | 'closed';
  checkReason: CheckReason | null;
  /** Since the last acknowledgement. */
  trouble: Trouble | null;
  highWater: number;
  marks: Marks;
  backlog: {
    /** Something may be in the table that was neither read nor handed over. */
    exists: boolean;
    /** That was said again since the last read began. */
    saidAgain: boolean;
  };
  /** Of the rows read last, on average. */
  eventsPerRow: number;
  /**
   * When tenants with few events were last looked for while there was no room, by the steady clock.
   */
  soughtAt: number;
}

const READ_LIMIT = 128;
/** Between two looks for tenants with few events while there is no room. */
const SEEK_MS = 10;

/**
 * Reads, publishes and marks event batches at the same time. Reads skip rows in flight. A fresh
 * commit is published without a read, unless the table may hold something older.
 */
export function createPublishing(options: PublishingOptions): Publishing {
  const inFlight = createInFlight();
  const state: State = {
    ...options,
    publisher: createPublisher(options.bus),
    reading: createReading(options.leadership.sql),
    inFlight,
    phase: 'sending',
    checkReason: { kind: 'unsure', text: 'just started' },
    trouble: null,
    highWater: 0,
    marks: createMarks({
      sql: options.leadership.sql,
      stream: streamName(options.service),
      inFlight,
      log: options.log,
      highWater: () => state.highWater,
      mayGather: () => state.phase === 'sending' && !inFlight.isFull(),
      isClosed: () => isClosed(state),
      onRoom: options.wake,
      onFailed: options.leadership.abandon,
    }),
    backlog: { exists: true, saidAgain: false },
    eventsPerRow: 1,
    soughtAt: 0,
  };
  return {
    inFlight: () => state.inFlight.size(),
    isFull: () => state.inFlight.isFull(),
    checkReason: () => state.checkReason,
    trouble: () => state.trouble,
    highWater: () => state.highWater,
    requestCheck: (text) => requestCheck(state, { kind: 'unsure', text }),
    look: () => look(state),
    publishCommitted: (batches) => publishCommitted(state, batches),
    resume(highWater) {
      if (state.phase === 'settling') state.phase = 'sending';
      state.backlog.exists = true;
      state.reading.startOver();
      state.highWater = highWater;
      state.checkReason = null;
    },
    settle() {
      if (state.phase === 'sending') state.phase = 'settling';
      state.marks.hurry();
      return state.inFlight.empty();
    },
    sendNext: () => sendNext(state),
    close() {
      state.phase = 'closed';
      state.pace.stop();
      state.marks.hurry();
      state.publisher.close();
      state.inFlight.stopWaiting();
    },
  };
}

/** What is known for certain outranks a suspicion. */
function requestCheck(state: State, reason: CheckReason): void {
  if (!state.checkReason || state.checkReason.kind === 'unsure') state.checkReason = reason;
}

function look(state: State): void {
  state.backlog.exists = true;
  state.backlog.saidAgain = true;
  state.wake();
}

const isClosed = (state: State) => state.phase === 'closed';

/** Whether a row may be sent now, as far as the stream and this process are concerned. */
const maySend = (state: State) => state.phase === 'sending' && state.checkReason === null && !state.inFlight.isFull();

function publish(state: State, row: UnsentRow): void {
  const { inFlight, pace, publisher } = state;
  inFlight.add(row);
  pace.sent(row.subject, row.events);
  if (inFlight.isFull()) state.marks.hurry();
  try {
    publisher.publish(row, (error, ack) => settlePublish(state, row, error, ack));
  } catch (error) {
    pace.answered(row.subject);
    inFlight.delete(row);
    if (!state.bus.connected()) throw error;
    const { service } = state;
    state.log.error(
      { err: error, service, id: row.id, bytes: row.envelope.length },
      'relay: cannot publish this event',
    );
  }
}

function settlePublish(state: State, row: UnsentRow, error: PublishError | null, ack: PubAck | null): void {
  if (isClosed(state)) return;
  state.pace.answered(row.subject);
  if (!ack) {
    state.metrics.publishFailed.inc();
    state.trouble = { since: state.trouble?.since ?? performance.now(), kind: error?.kind ?? 'lost' };
    requestCheck(state, { kind: error?.kind === 'full' ? 'full' : 'unsure', text: error?.message ?? 'no ack' });
    state.reading.startOver();
    state.backlog.exists = true;
    // Still unsent in the database: it is read and published again, under the same id.
    state.inFlight.delete(row);
    state.wake();
    return;
  }
  // A stream only counts up, except for a duplicate, which gets the sequence of the first.
  if (!ack.duplicate && ack.seq <= state.highWater) {
    requestCheck(state, { kind: 'went-back', text: `the stream gave ${ack.seq} after ${state.highWater}` });
    state.inFlight.delete(row);
    state.wake();
    return;
  }
  state.trouble = null;
  if (ack.seq > state.highWater) state.highWater = ack.seq;
  countPublished(state, row);
  state.marks.add(row.id, ack.seq);
}

function countPublished({ totals, metrics }: State, { events, replay }: UnsentRow): void {
  totals.published += events;
  metrics.published.inc(events);
  metrics.eventBatches.inc();
  if (!replay) return;
  totals.republished += events;
  metrics.republished.inc(events);
}

/** Sends without reading. A failure costs the committer nothing: the rows are in the table. */
function publishCommitted(state: State, batches: readonly EventBatch[]): void {
  for (const { id, subject, text, events } of batches) {
    if (state.backlog.exists || !maySend(state) || state.pace.room() <= 0 || !state.bus.connected()) {
      look(state);
      return;
    }
    try {
      publish(state, { id, subject, envelope: Buffer.from(text), events: events.length, replay: false });
    } catch {
      // NATS went away this very moment. The caller's change is committed, so it must not see an
      // error.
      look(state);
      return;
    }
    state.totals.handed += events.length;
  }
}

async function sendNext(state: State): Promise<Sent> {
  const { inFlight, pace, reading, backlog } = state;
  if (inFlight.isFull() || isClosed(state)) return 'some';
  if (pace.room() <= 0) return sendOfOthers(state);
  const limit = Math.min(READ_LIMIT, inFlight.room());
  backlog.saidAgain = false;
  // More than there is room for would be read again: an event batch is up to 256 KiB.
  const each = Math.ceil(Math.min(pace.room() / state.eventsPerRow, READ_LIMIT)) + 1;
  const { found, isDue } = await inFlight.during(() => reading.next(inFlight.ids(), limit, each));
  const { rows, complete } = found;
  for (const row of rows) state.eventsPerRow += (row.events - state.eventsPerRow) / 16;
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  if (rows.length > 0) state.metrics.relayBatch.observe(events);
  let left = !complete;
  for (const row of pace.room() < events ? roundRobin(rows) : rows) {
    left ||= pace.room() <= 0;
    // The rest is read again.
    if (state.checkReason || isClosed(state) || pace.room() <= 0) break;
    if (isDue(row)) publish(state, row);
  }
  backlog.exists = backlog.saidAgain || left;
  if (left) reading.keepBacklog();
  if (!complete) return 'more';
  return rows.length === 0 ? 'nothing' : 'some';
}

/**
 * Without room: what tenants with few events before the durables have goes at once, before that of
 * a flood.
 */
async function sendOfOthers(state: State): Promise<'some'> {
  const { inFlight, pace, reading } = state;
  const early = state.soughtAt + SEEK_MS - performance.now();
  if (early > 0) await pause(early);
  if (isClosed(state) || inFlight.isFull() || pace.room() > 0 || pace.reserve() <= 0) return 'some';
  state.soughtAt = performance.now();
  const { found, isDue } = await inFlight.during(() => reading.nextOfOthers(inFlight.ids(), pace.busyTenants()));
  for (const row of found) {
    if (!maySend(state) || pace.reserve() <= 0) break;
    if (isDue(row)) publish(state, row);
  }
  return 'some';
}

import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@recado/contracts';
import { createWaker, type Waker } from '@recado/loops';
import { Registry } from 'prom-client';
import type { Bus } from '../jetstream/bus.ts';
import { type Durable, durablesOf } from '../jetstream/durables.ts';
import { streamName } from '../jetstream/streams.ts';
import { type Metrics, metricsOf } from '../metrics.ts';
import { committedBatches } from '../outbox/committed.ts';
import type { EventBatch } from '../outbox/event-batch.ts';
import type { Log, WorkerSql } from '../types.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Leadership, tryLead } from './leader.ts';
import { createPace } from './pace.ts';
import { createPublishing, type Publishing } from './publishing.ts';
import { checkRelay } from './ready.ts';
import { outboxBacklog, prepareSession } from './store.ts';
import { recover, verifyStream } from './stream-guard.ts';
import { makeRoom } from './stream-room.ts';

export interface RelayOptions {
  /**
   * Pool of the service's worker role. The leader opens one more connection with the same settings.
   */
  db: WorkerSql;
  /** Other pools of this process that write to the same outbox: the requests' pool. */
  writers?: readonly object[];
  bus: Bus;
  service: ServiceName;
  log: Log;
  registry?: Registry;
  /** Milliseconds between looks at the outbox without a notification. */
  pollMs?: number;
  /** The durables its stream is expected to have; by default those of DURABLES. */
  durables?: readonly Durable[];
}

export interface Relay {
  /**
   * Reports a commit that enqueued; `enqueue` calls it. The leader publishes at once. Event batches
   * that are given, and only committed ones, are published without reading them back.
   */
  notify(committed?: readonly EventBatch[] | null): void;
  /**
   * A readiness check. Resolves when events can be published: JetStream answers, the stream exists
   * and has room, and publishes are acknowledged. Else rejects with NotPublishing.
   */
  ready(): Promise<void>;
  /** Publishes what is unsent and in flight, for 3 s at most, and gives the leadership back. */
  stop(): Promise<void>;
  stats(): { leader: boolean; inFlight: number; published: number; republished: number; handed: number };
}

const TAKEOVER_MS = 300;
const VERIFY_MS = 5000;
/** A full stream that nothing can be purged from is tried again after so long. */
const NO_ROOM_MS = 500;
/** What is unsent at the end is published for so long at most. */
const STOP_MS = 3000;

interface Leading {
  leadership: Leadership;
  publishing: Publishing;
}

interface State {
  db: WorkerSql;
  bus: Bus;
  service: ServiceName;
  log: Log;
  pollMs: number;
  durables: readonly Durable[];
  stream: string;
  metrics: Metrics;
  waker: Waker;
  totals: { published: number; republished: number; handed: number };
  stopping: boolean;
  /** Null while another process leads. */
  leading: Leading | null;
  /** The leader is being notified; see tellLeader. */
  telling: boolean;
  /** When the leader's loop last went round, by the steady clock. */
  turnedAt: number;
  /** The consumer that last kept a full stream from being purged. */
  heldBy: string | null;
}

/**
 * Starts a service's relay: outbox → stream. Any number of processes may run it. An advisory lock
 * elects the leader, and another takes over within a second. Returns at once, never gives up.
 */
export function startRelay(options: RelayOptions): Relay {
  const { db, bus, service, log, registry = new Registry(), pollMs = 200 } = options;
  const state: State = {
    db,
    bus,
    service,
    log,
    pollMs,
    durables: options.durables ?? durablesOf(service),
    stream: streamName(service),
    metrics: metricsOf(registry),
    waker: createWaker(),
    totals: { published: 0, republished: 0, handed: 0 },
    stopping: false,
    leading: null,
    telling: false,
    turnedAt: performance.now(),
    heldBy: null,
  };
  const stopWatching = committedBatches.watch([db, ...(options.writers ?? [])], (committed) =>
    notify(state, committed),
  );
  // A copy that does not lead tells the leader over core NATS; a lost message costs one poll.
  const notifications = bus.nc.subscribe(notifySubject(service), { callback: () => state.leading?.publishing.look() });
  const loop = leadWhilePossible(state);
  return {
    notify: (committed = null) => notify(state, committed),
    ready() {
      const leading = state.leading?.publishing ?? null;
      return checkRelay({ bus, stream: state.stream, leading, turnedAt: state.turnedAt, pollMs });
    },
    async stop() {
      state.stopping = true;
      state.waker.wake();
      await loop;
      stopWatching();
      if (!bus.nc.isClosed()) notifications.unsubscribe();
    },
    stats() {
      const { leading, totals } = state;
      return { leader: leading !== null, inFlight: leading?.publishing.inFlight() ?? 0, ...totals };
    },
  };
}

const notifySubject = (service: ServiceName) => `recado.relay.${service}.kick`;

function notify(state: State, committed: readonly EventBatch[] | null): void {
  const publishing = state.leading?.publishing;
  if (!publishing) tellLeader(state);
  else if (committed === null || state.stopping) publishing.look();
  else publishing.publishCommitted(committed);
}

/** One message for everything committed within the same turn. */
function tellLeader(state: State): void {
  const { bus, service } = state;
  if (state.telling || !bus.connected()) return;
  state.telling = true;
  setImmediate(() => {
    state.telling = false;
    if (!bus.nc.isClosed()) bus.nc.publish(notifySubject(service));
  });
}

async function leadWhilePossible(state: State): Promise<void> {
  const { db, service, waker, log } = state;
  while (!state.stopping) {
    try {
      const leadership = await tryLead(db, `relay.${service}`);
      if (leadership) await lead(state, leadership);
      else await waker.sleep(TAKEOVER_MS, { ignoreWakes: true });
    } catch (error) {
      if (!state.stopping) log.warn({ err: error, service }, 'relay: trying again');
      await pause(TAKEOVER_MS);
    }
  }
}

async function lead(state: State, leadership: Leadership): Promise<void> {
  const { db, bus, service, durables, log, metrics, totals, waker } = state;
  await prepareSession(leadership.sql);
  const pace = createPace({ bus, service, durables, log, onRoom: waker.wake });
  if (bus.connected()) await pace.start();
  const publishing = createPublishing({ leadership, bus, service, pace, log, metrics, totals, wake: waker.wake });
  leadership.onLost(() => {
    publishing.close();
    waker.wake();
  });
  const stopListening = bus.onConnection((connection) => {
    if (connection === 'back') publishing.requestCheck('NATS was away');
    waker.wake();
  });
  state.leading = { leadership, publishing };
  const stopHousekeeping = startHousekeeping(db, log);
  metrics.relayLeader.set(1);
  log.info({ service }, 'relay: leading');
  try {
    await publishWhileLeading(state, state.leading);
  } finally {
    state.leading = null;
    metrics.relayLeader.set(0);
    stopListening();
    stopHousekeeping();
    publishing.close();
    await leadership.resign();
  }
}

async function publishWhileLeading(state: State, leading: Leading): Promise<void> {
  const { leadership, publishing } = leading;
  const { bus, waker } = state;
  let verifiedAt = Number.NEGATIVE_INFINITY;
  let stopBy = 0;
  while (leadership.held()) {
    state.turnedAt = performance.now();
    if (state.stopping) {
      stopBy ||= performance.now() + STOP_MS;
      if (performance.now() > stopBy) return;
    }
    if (!bus.connected()) {
      await waker.sleep(100);
      continue;
    }
    const now = performance.now();
    if (publishing.checkReason() || now - verifiedAt > VERIFY_MS) {
      await verify(state, leading);
      verifiedAt = now;
    }
    const sent = await publishing.sendNext();
    if (state.stopping && sent === 'nothing' && publishing.inFlight() === 0) return;
    if (sent !== 'more' || publishing.isFull()) await waker.sleep(state.stopping ? 20 : state.pollMs);
  }
}

async function verify(state: State, { leadership: { sql }, publishing }: Leading): Promise<void> {
  const { bus, service, log, metrics } = state;
  await publishing.settle();
  const reason = publishing.checkReason();
  const verified =
    reason?.kind === 'went-back'
      ? await recover(sql, bus, service, log, reason.text)
      : await verifyStream(sql, bus, service, log, publishing.highWater());
  if (verified.recovered) metrics.recoveries.inc();
  await checkRoom(state, reason?.kind === 'full');
  publishing.resume(verified.highWater);
  const backlog = await outboxBacklog(sql);
  metrics.outboxUnsent.set(backlog.unsent);
  metrics.outboxOldest.set(backlog.oldestSeconds);
}

/**
 * `refused`: the stream takes nothing more. Pauses when nothing could be purged, or it would refuse
 * at once again.
 */
async function checkRoom(state: State, refused: boolean): Promise<void> {
  const { bus, service, log, stream, metrics, waker } = state;
  const expected = state.durables.map(({ name }) => name);
  const room = await makeRoom({ bus, service, log, expected, force: refused });
  if (!room) return;
  metrics.streamBytes.labels(stream).set(room.bytes);
  metrics.streamMaxBytes.labels(stream).set(room.maxBytes);
  if (room.heldBy !== state.heldBy && room.heldBy !== null) {
    log.error({ stream, ...room }, 'stream is filling up: a consumer has not read its oldest messages');
  }
  state.heldBy = room.heldBy;
  if (refused && room.purged === 0 && !state.stopping) await waker.sleep(NO_ROOM_MS, { ignoreWakes: true });
}

import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@recado/contracts';
import { Registry } from 'prom-client';
import type { Bus } from '../jetstream/bus.ts';
import { watchCommits } from '../outbox/committed.ts';
import { type Durable, durablesOf } from '../jetstream/durables.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Leadership, tryLead } from './leader.ts';
import { metricsOf } from '../metrics.ts';
import type { Parcel } from '../outbox/parcels.ts';
import { createPace } from './pace.ts';
import { createPublishing } from './publishing.ts';
import { checkRelay } from './ready.ts';
import { outboxBacklog, prepareSession } from './store.ts';
import { recover, verifyStream } from './stream-guard.ts';
import { makeRoom } from './stream-room.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log, Sql, WorkerSql } from '../types.ts';
import { createWaker } from '../waker.ts';

export interface RelayOptions {
  /** Pool of the service's worker role. The leader opens one more connection with the same settings. */
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
   * Says that a transaction which enqueued has committed; `enqueue` does it by itself. The process that leads publishes at once.
   * With the parcels that were committed, and only those, the leader publishes them without reading them back.
   */
  notify(committed?: readonly Parcel[] | null): void;
  /**
   * Resolves when events of this service can be published: JetStream answers, the stream is there and has room, and the leader's
   * publishes are acknowledged. Rejects with a NotPublishing otherwise. A readiness check.
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

/**
 * Starts the relay of one service: outbox → stream. Any number of processes may run it; one leads, elected by an
 * advisory lock, and another takes over within a second when it dies. Returns at once and never gives up: a database or
 * a NATS that is away is waited for.
 */
export function startRelay(options: RelayOptions): Relay {
  const { db, bus, service, log, registry = new Registry(), pollMs = 200 } = options;
  const durables = options.durables ?? durablesOf(service);
  const stream = streamName(service);
  const metrics = metricsOf(registry);
  const waker = createWaker();
  const kickSubject = `recado.relay.${service}.kick`;
  const stopWatching = watchCommits([db, ...(options.writers ?? [])], notify);
  const totals = { published: 0, republished: 0, handed: 0 };
  let stopping = false;
  let leading: { leadership: Leadership; publishing: ReturnType<typeof createPublishing> } | null = null;
  let announced = false;
  /** When the loop last went round, by the steady clock. */
  let turnedAt = performance.now();
  let heldBy: string | null = null;

  // A copy that does not lead tells the leader over core NATS; a lost ping costs one poll.
  const kicks = bus.nc.subscribe(kickSubject, {
    callback: () => {
      leading?.publishing.look();
    },
  });

  const loop = (async () => {
    while (!stopping) {
      try {
        const leadership = await tryLead(db, `relay.${service}`);
        if (leadership) await lead(leadership);
        else await waker.sleep(TAKEOVER_MS, { ignoreWakes: true });
      } catch (error) {
        if (!stopping) log.warn({ err: error, service }, 'relay: trying again');
        await pause(TAKEOVER_MS);
      }
    }
  })();

  async function lead(leadership: Leadership): Promise<void> {
    const { sql } = leadership;
    await prepareSession(sql);
    const pace = createPace({ bus, service, durables, log, onRoom: waker.wake });
    if (bus.connected()) await pace.start();
    const publishing = createPublishing({ leadership, bus, service, pace, log, metrics, totals, wake: waker.wake });
    leadership.onLost(() => {
      publishing.close();
      waker.wake();
    });
    const stopListening = bus.onConnection((state) => {
      if (state === 'back') publishing.distrust('NATS was away');
      waker.wake();
    });
    leading = { leadership, publishing };
    const stopHousekeeping = startHousekeeping(db, log);
    metrics.relayLeader.set(1);
    log.info({ service }, 'relay: leading');
    try {
      await run(leadership, publishing);
    } finally {
      leading = null;
      metrics.relayLeader.set(0);
      stopListening();
      stopHousekeeping();
      publishing.close();
      await leadership.resign();
    }
  }

  async function run(leadership: Leadership, publishing: ReturnType<typeof createPublishing>): Promise<void> {
    let verifiedAt = Number.NEGATIVE_INFINITY;
    let stopBy = 0;
    while (leadership.held()) {
      turnedAt = performance.now();
      if (stopping) {
        stopBy ||= performance.now() + 3000;
        if (performance.now() > stopBy) return;
      }
      if (!bus.connected()) {
        await waker.sleep(100);
        continue;
      }
      const now = performance.now();
      if (publishing.doubt() || now - verifiedAt > VERIFY_MS) {
        await verify(leadership.sql, publishing);
        verifiedAt = now;
      }
      const read = await publishing.sendNext();
      if (stopping && read === 'nothing' && publishing.inFlight() === 0) return;
      if (read !== 'more' || publishing.full()) await waker.sleep(stopping ? 20 : pollMs);
    }
  }

  async function verify(sql: Sql, publishing: ReturnType<typeof createPublishing>): Promise<void> {
    await publishing.settled();
    const reason = publishing.doubt();
    const verified =
      reason?.kind === 'went-back'
        ? await recover(sql, bus, service, log, reason.text)
        : await verifyStream(sql, bus, service, log, publishing.highWater());
    if (verified.recovered) metrics.recoveries.inc();
    await checkRoom(reason?.kind === 'full');
    publishing.trust(verified.highWater);
    const backlog = await outboxBacklog(sql);
    metrics.outboxUnsent.set(backlog.unsent);
    metrics.outboxOldest.set(backlog.oldestSeconds);
  }

  /** `full`: the stream has refused. Pauses when nothing could be purged, or the next publish would be refused at once. */
  async function checkRoom(full: boolean): Promise<void> {
    const expected = durables.map(({ name }) => name);
    const room = await makeRoom({ bus, service, log, expected, force: full });
    if (!room) return;
    metrics.streamBytes.labels(stream).set(room.bytes);
    metrics.streamMaxBytes.labels(stream).set(room.maxBytes);
    if (room.heldBy !== heldBy && room.heldBy !== null) {
      log.error({ stream, ...room }, 'stream is filling up: a consumer has not read its oldest messages');
    }
    heldBy = room.heldBy;
    if (full && room.purged === 0 && !stopping) await waker.sleep(NO_ROOM_MS, { ignoreWakes: true });
  }

  function notify(committed: readonly Parcel[] | null = null): void {
    if (leading) {
      if (committed === null || stopping) leading.publishing.look();
      else leading.publishing.hand(committed);
    } else if (!announced && bus.connected()) {
      // One ping for everything committed within the same turn.
      announced = true;
      setImmediate(() => {
        announced = false;
        if (!bus.nc.isClosed()) bus.nc.publish(kickSubject);
      });
    }
  }

  return {
    notify,
    ready: () => checkRelay({ bus, stream, leading: leading?.publishing ?? null, turnedAt, pollMs }),
    async stop() {
      stopping = true;
      waker.wake();
      await loop;
      stopWatching();
      if (!bus.nc.isClosed()) kicks.unsubscribe();
    },
    stats: () => ({ leader: leading !== null, inFlight: leading?.publishing.inFlight() ?? 0, ...totals }),
  };
}

import type { ServiceName } from '@recado/contracts';
import { tenantOf } from '../consumer/decode.ts';
import { type Bus, isMissing } from '../jetstream/bus.ts';
import type { Durable } from '../jetstream/durables.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log } from '../types.ts';
import { PaceLine, type Reading } from './pace-line.ts';

/** How fast the relay may send: no faster than the durables that pace it read. */
export interface Pace {
  /** Events that may be sent now; 0 or less when the backlog has to stay in the outbox. */
  room(): number;
  /** Events that tenants with few before those durables may send now. */
  reserve(): number;
  /** The tenants with more than a few. */
  busyTenants(): Set<string>;
  sent(subject: string, events: number): void;
  /** A message that was sent is acknowledged or refused. */
  answered(subject: string): void;
  /** Learns how far the durables are, before the first message is sent. */
  start(): Promise<void>;
  stop(): void;
}

interface PaceOptions {
  bus: Bus;
  service: ServiceName;
  /** Those of the service's stream; those that don't pace are left out. */
  durables: readonly Durable[];
  log: Log;
  /** There is room again. */
  onRoom(): void;
}

/** Milliseconds between two looks at the durables while there is no room, and while there is. */
const LOOK_MS = 20;
const CALM_MS = 100;

/**
 * Keeps the stream short, so that the backlog of a flood waits in the outbox, where tenants take
 * turns: a stream is read in its order. Asks JetStream only while much was sent.
 */
export function createPace({ bus, service, durables, log, onRoom }: PaceOptions): Pace {
  const stream = streamName(service);
  const lines = new Map<string, PaceLine>(
    durables.flatMap(({ name, event, paces }) => (paces ? [[endOf(event.filter), new PaceLine(name, paces)]] : [])),
  );
  const all = [...lines.values()];
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  /**
   * Without room the durables are asked again: a relay that starts behind them would never send.
   */
  function room(): number {
    const least = all.reduce((min, line) => Math.min(min, line.room()), Number.POSITIVE_INFINITY);
    if (least <= 0) lookLater();
    return least;
  }
  const isTight = () => all.some((line) => line.room() < line.limit() / 2);

  async function look(): Promise<void> {
    const before = room();
    try {
      await Promise.all(
        all.map(async (line) => {
          const asked = line.ask();
          line.learn(await readDurable(bus, stream, line.name), asked, performance.now());
        }),
      );
    } catch (error) {
      // A durable that does not answer must not stop the others.
      log.debug({ err: error, stream }, 'relay: the durables cannot be asked how far they are');
      for (const line of all) line.forget();
    }
    timer = null;
    if (before <= 0 && room() > 0) onRoom();
    if (isTight()) lookLater();
  }

  function lookLater(): void {
    if (timer || stopped || all.length === 0) return;
    const isFull = all.some((line) => line.room() <= 0);
    timer = setTimeout(() => void look(), isFull ? LOOK_MS : CALM_MS);
  }

  return {
    room,
    reserve: () => all.reduce((least, line) => Math.min(least, line.reserve()), Number.POSITIVE_INFINITY),
    busyTenants: () => new Set(all.flatMap((line) => [...line.busyTenants()])),
    sent(subject, events) {
      const line = lines.get(endOf(subject));
      if (!line) return;
      line.sent(events, tenantOf(subject));
      const room = line.room();
      if (room < line.limit() / 2 || room === Number.POSITIVE_INFINITY) lookLater();
    },
    async start() {
      for (const line of all) {
        const reading = await readDurable(bus, stream, line.name).catch(() => null);
        line.start(reading, performance.now());
      }
    },
    answered: (subject) => lines.get(endOf(subject))?.answered(),
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}

async function readDurable(bus: Bus, stream: string, name: string): Promise<Reading | null> {
  try {
    const info = await bus.jsm.consumers.info(stream, name);
    return {
      left: info.num_pending + info.num_ack_pending,
      progress: `${info.delivered.consumer_seq} ${info.ack_floor.consumer_seq} ${info.num_ack_pending}`,
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** `recado.<service>.<tenant>.<entity>.<verb>` → `<entity>.<verb>` */
function endOf(subject: string): string {
  let dot = -1;
  for (let i = 0; i < 3; i++) dot = subject.indexOf('.', dot + 1);
  return subject.slice(dot + 1);
}

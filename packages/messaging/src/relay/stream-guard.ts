import type { StreamInfo } from '@nats-io/jetstream';
import type { ServiceName } from '@recado/contracts';
import type { Bus } from '../jetstream/bus.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log, Sql } from '../types.ts';
import { findRelayState, markAllUnsent, saveRelayState } from './store.ts';

export interface Verified {
  highWater: number;
  /** Why everything was marked unsent, or null when the stream is the one we know. */
  recovered: string | null;
}

/**
 * Compares the stream with the database. A missing, other or older one is made new and 72 hours are
 * marked unsent, because JetStream acks before it syncs. `knownSeq`: highest acked here.
 */
export async function verifyStream(
  sql: Sql,
  bus: Bus,
  service: ServiceName,
  log: Log,
  knownSeq = 0,
): Promise<Verified> {
  const stream = streamName(service);
  const state = await findRelayState(sql, stream);
  const found = await bus.findStream(stream);
  if (!state) {
    // The first start ever. Rows already marked published mean that the state was lost (a restored
    // backup): publish again.
    return recover(sql, bus, service, log, 'the stream is new to us');
  }
  const highWater = Math.max(state.highWater, knownSeq);
  const reason = difference(found, state.streamCreated, highWater);
  if (reason === null) return { highWater, recovered: null };
  return recover(sql, bus, service, log, reason);
}

function difference(found: StreamInfo | null, created: string, highWater: number): string | null {
  if (!found) return 'the stream is missing';
  if (found.created !== created) return 'the stream is another one than before';
  if (found.state.last_seq < highWater) return `the stream went back from ${highWater} to ${found.state.last_seq}`;
  return null;
}

/**
 * Marks first and makes the stream afterwards: a crash in between leaves nothing that looks well.
 */
export async function recover(sql: Sql, bus: Bus, service: ServiceName, log: Log, reason: string): Promise<Verified> {
  const stream = streamName(service);
  const unsent = await markAllUnsent(sql);
  const older = await bus.findStream(stream);
  const state = await findRelayState(sql, stream);
  // The same stream gone back in time: its durables believe to have seen what is to come. A new one
  // has none.
  if (older && state?.streamCreated === older.created) await bus.jsm.streams.delete(stream);
  const info = await bus.ensureStream(service);
  await saveRelayState(sql, stream, info.created, 0);
  if (unsent > 0) log.warn({ stream, reason, unsent }, 'stream lost: publishing the last 72 hours again');
  else log.info({ stream, reason }, 'stream ready');
  return { highWater: 0, recovered: reason };
}

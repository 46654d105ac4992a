import { AckPolicy, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream';
import type { EventContract } from '@recado/contracts';
import { type Bus, isMissing } from '../jetstream/bus.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log } from '../types.ts';

const SECOND_NS = 1_000_000_000;
export const ACK_WAIT_MS = 30_000;

function durableConfig(name: string, filter: string) {
  return {
    durable_name: name,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: (ACK_WAIT_MS / 1000) * SECOND_NS,
    // Everything in the stream, also for a new durable: handled events are recognised, missed ones
    // are not lost.
    deliver_policy: DeliverPolicy.All,
    // Events waiting between tries count as pending too: a low limit would let poison stop the
    // others.
    max_ack_pending: 20_000,
    max_deliver: -1, // we count ourselves
  };
}

/**
 * Makes sure that the durable exists. One that is ahead of its stream (the store was an older copy)
 * would wait for ever, so it is created again.
 */
export async function ensureDurable(bus: Bus, event: EventContract, name: string, log: Log): Promise<ConsumerInfo> {
  const stream = streamName(event.service);
  const wanted = durableConfig(name, event.filter);
  const info = await bus.getStream(event.service);
  const found = await findConsumer(bus, stream, name);
  if (found) {
    const seen = Math.max(found.ack_floor.stream_seq, found.delivered.stream_seq);
    const sameFilter = found.config.filter_subject === wanted.filter_subject;
    if (seen <= info.state.last_seq && sameFilter) {
      const same = found.config.max_ack_pending === wanted.max_ack_pending && found.config.ack_wait === wanted.ack_wait;
      return same ? found : bus.jsm.consumers.update(stream, name, wanted);
    }
    // The stream may have grown between the two answers.
    const now = await bus.findStream(stream);
    if (now && seen <= now.state.last_seq && sameFilter) return found;
    log.warn(
      { stream, consumer: name, seen, last: now?.state.last_seq },
      'consumer does not fit its stream: made anew',
    );
    await bus.jsm.consumers.delete(stream, name).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }
  return bus.jsm.consumers.add(stream, wanted);
}

async function findConsumer(bus: Bus, stream: string, name: string): Promise<ConsumerInfo | null> {
  try {
    return await bus.jsm.consumers.info(stream, name);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

import { createWaker } from '@recado/loops';
import type { Bus } from './bus.ts';
import { createPuller } from './puller.ts';
import { addEphemeral, generationOf, getStream, type TailedMessage, toTailed } from './tail.ts';

export interface ReplayReader extends AsyncIterable<TailedMessage> {
  generation: string;
  /**
   * The last sequence the stream had when reading began: a tail from here on continues without a
   * gap.
   */
  upTo: number;
  /**
   * The stream no longer holds everything since `fromSeq`: the reader should start from the
   * database instead.
   */
  truncated: boolean;
}

/**
 * Reads a stream for a filter, from a sequence up to now. Throws while iterating when the server
 * goes away; what was read is right. `headersOnly`: without data, to learn the ids.
 */
export async function createReplayReader(
  bus: Bus,
  stream: string,
  filter: string,
  fromSeq: number,
  { headersOnly = false }: { headersOnly?: boolean } = {},
): Promise<ReplayReader> {
  const info = await getStream(bus, stream);
  const generation = generationOf(info);
  const upTo = info.state.last_seq;
  const truncated = fromSeq < info.state.first_seq && fromSeq <= upTo;
  return {
    generation,
    upTo,
    truncated,
    [Symbol.asyncIterator]: () => {
      const from = Math.max(fromSeq, 1);
      return from > upTo ? nothing() : read(bus, { stream, filter, from, upTo, generation, headersOnly });
    },
  };
}

async function* nothing(): AsyncGenerator<TailedMessage> {}

interface Range {
  stream: string;
  filter: string;
  from: number;
  upTo: number;
  generation: string;
  headersOnly: boolean;
}

async function* read(bus: Bus, range: Range): AsyncGenerator<TailedMessage> {
  const { stream, filter, from, upTo, generation, headersOnly } = range;
  const consumer = await addEphemeral(bus, stream, filter, from, headersOnly);
  const waker = createWaker();
  let queue: TailedMessage[] = [];
  let behind = consumer.num_pending;
  let expected = 1;
  let problem: string | null = null;
  const puller = createPuller({
    bus,
    stream,
    consumer: consumer.name,
    onMessage: (message) => {
      if (message.consumerSeq !== expected++) problem = 'a message was lost on the way';
      queue.push(toTailed(message, generation));
      behind = message.pending;
      waker.wake();
    },
    onBroken: (reason) => {
      problem = reason;
      waker.wake();
    },
  });
  try {
    for (;;) {
      const batch = queue;
      queue = [];
      for (const message of batch) {
        if (message.seq > upTo) return;
        yield message;
      }
      if (queue.length > 0) continue;
      if (problem !== null) throw new Error(`Reading ${stream} broke off: ${problem}`);
      if (behind === 0) return;
      puller.want(256);
      await waker.sleep(1000);
    }
  } finally {
    puller.close();
    bus.dropEphemeral(stream, consumer.name);
  }
}

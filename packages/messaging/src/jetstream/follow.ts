import type { Envelope } from '@recado/contracts';
import type { Log } from '../types.ts';
import type { Bus } from './bus.ts';
import { filterWithin, PUBLISHERS, streamName } from './streams.ts';
import { type Tail, type TailedMessage, tailStream } from './tail.ts';

export interface FollowedEvent {
  subject: string;
  stream: string;
  /** Of its message, which may hold several. */
  seq: number;
  replay: boolean;
  /** Null when the message is not JSON. */
  envelope: Envelope | null;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Follows the mesh's events live, new ones only, over all streams a subject filter reaches:
 * `recado.>`, `recado.conversation.*.message.created`. Throws when it reaches none.
 */
export async function followEvents(
  bus: Bus,
  subjectFilter: string,
  onEvent: (event: FollowedEvent) => void,
  log: Log = silent,
): Promise<{ stop(): Promise<void> }> {
  const tails: Tail[] = [];
  for (const service of PUBLISHERS) {
    const filter = filterWithin(service, subjectFilter);
    if (filter === null) continue;
    const stream = streamName(service);
    const tail = tailStream(
      bus,
      stream,
      filter,
      (message) => {
        const { subject, seq, replay } = message;
        for (const envelope of readable(message)) onEvent({ subject, stream, seq, replay, envelope });
      },
      { log },
    );
    tails.push(tail);
  }
  if (tails.length === 0) throw new Error(`No stream holds ${subjectFilter}; subjects begin with recado.<service>.`);
  await Promise.all(tails.map((tail) => tail.ready));
  return {
    stop: async () => {
      await Promise.all(tails.map((tail) => tail.stop()));
    },
  };
}

/** A message that is not JSON is shown as null. */
function readable(message: TailedMessage): (Envelope | null)[] {
  try {
    return message.envelopes();
  } catch {
    return [null];
  }
}

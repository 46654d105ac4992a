import type { Pulled } from '../jetstream/puller.ts';
import type { Delivered } from '../types.ts';
import type { Malformed } from './decode.ts';

/** A delivery held by this process. */
export interface Held {
  message: Pulled;
  /** When it came, by the steady clock. */
  at: number;
  /** Of the durable that delivered it: an ack counts there only. */
  generation: string;
  /** Acknowledged or given back. */
  settled: boolean;
  /** Once it was read. */
  entry?: Entry;
}

/** A delivery with what is in it: one event or several, handled and acknowledged together. */
export interface Entry<T = unknown> {
  held: Held;
  events: Delivered<T>[];
  malformed: Malformed[];
  /** The inbox id of all its events; null when each must be claimed by itself. */
  claim: string | null;
}

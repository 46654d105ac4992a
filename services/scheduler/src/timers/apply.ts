import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { lastWords, type TimerWord } from './rules.ts';
import { applyWords } from './store.ts';

/**
 * Bytes of JSON. Firing writes hundreds of payloads in one statement, and none may push its event
 * past what NATS takes. A service with more to remember keeps it and names it in the payload.
 */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/**
 * Applies orders and cancellations of timers.
 * @throws when a payload is too large; the consumer then parks that event and the rest goes on
 */
export async function applyTimerWords(tx: Tx, words: readonly TimerWord[]): Promise<void> {
  for (const { key, payload } of words) {
    const bytes = Buffer.byteLength(JSON.stringify(payload));
    if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`The payload of timer ${key} has ${bytes} bytes`);
  }
  await applyWords(
    tx,
    lastWords(words).map((word) => ({ ...word, id: uuidv7() })),
  );
}

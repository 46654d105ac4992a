import { metaErrorCodes } from './errors.ts';

/** What a recipient's number makes happen, by its last seven digits. The README has the table. */
export type Magic =
  | { kind: 'refuse'; code: number }
  | { kind: 'fail-later'; code: number }
  | { kind: 'http'; status: 500 | 503 }
  | { kind: 'hang-before' }
  | { kind: 'hang-after' }
  | { kind: 'lost-reply' }
  | { kind: 'reset-before' }
  | { kind: 'malformed' }
  | { kind: 'no-status' }
  | { kind: 'held' }
  | { kind: 'read-only' }
  | { kind: 'third-time' };

const suffixes = new Map<string, Magic>([
  ['9990500', { kind: 'http', status: 500 }],
  ['9990503', { kind: 'http', status: 503 }],
  ['9990001', { kind: 'lost-reply' }],
  ['9990002', { kind: 'reset-before' }],
  ['9990003', { kind: 'hang-before' }],
  ['9990004', { kind: 'hang-after' }],
  ['9990005', { kind: 'malformed' }],
  ['9990006', { kind: 'no-status' }],
  ['9990007', { kind: 'held' }],
  ['9990008', { kind: 'read-only' }],
  ['9990009', { kind: 'third-time' }],
]);
for (const code of metaErrorCodes) {
  if (code >= 100_000) {
    suffixes.set(`0${code}`, { kind: 'refuse', code });
    suffixes.set(`1${code}`, { kind: 'fail-later', code });
  } else {
    // Short codes get a prefix of their own: a plain 0000004 is how people number their test
    // customers.
    suffixes.set(`99${String(code).padStart(5, '0')}`, { kind: 'refuse', code });
  }
}

/** Takes a recipient in any spelling (`+55 11 …`). Returns null for an ordinary number. */
export function magicOf(recipient: string): Magic | null {
  return suffixes.get(recipient.replace(/\D/g, '').slice(-7)) ?? null;
}

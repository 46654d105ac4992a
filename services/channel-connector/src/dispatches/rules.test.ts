import { describe, expect, test } from 'vitest';
import type { ErrorTable, RefusalKind } from '../providers/errors.ts';
import type { Outcome } from '../providers/provider.ts';
import { decide, strongestProofs, type TryFacts } from './rules.ts';

const LIMITS = { maxTries: 5, maxAgeMs: 60_000, backoffMs: 1000 };
const FRESH: TryFacts = { attempts: 0, refusals: 0, ageMs: 10 };
const ERRORS: ErrorTable = { busy: { kind: 'throttled', reason: 'The number is too fast' } };
const refused = (code: string, otherwise: RefusalKind = 'request'): Outcome<string> => ({
  kind: 'refused',
  refusal: { code, otherwise, said: 'slow down' },
});
const after = (outcome: Outcome<string>, facts: Partial<TryFacts> = {}) =>
  decide(outcome, ERRORS, { ...FRESH, ...facts }, LIMITS, 0.5);

describe('the result of a try', () => {
  test('an id gives sent and a lost reply gives uncertain, in any earlier state', () => {
    expect(after({ kind: 'ok', value: 'wamid.1' })).toEqual({ state: 'sent', providerMessageId: 'wamid.1' });
    expect(after({ kind: 'lost', reason: 'reset' }, { refusals: 99, ageMs: 1e9 })).toEqual({
      state: 'uncertain',
      reason: 'reset',
    });
  });

  test('a request that never left is tried until the message is too old, any number of times', () => {
    const outcome: Outcome<string> = { kind: 'not-sent', reason: 'ECONNREFUSED' };
    expect(after(outcome, { attempts: 500 })).toMatchObject({ state: 'queued', refused: false });
    expect(after(outcome, { ageMs: 60_000 })).toMatchObject({ state: 'failed', code: 'unreachable' });
  });

  test('a known code follows the table, with its sentence and the provider’s', () => {
    expect(after(refused('busy'))).toMatchObject({
      state: 'queued',
      refused: true,
      slowChannel: true,
      message: 'The number is too fast (slow down)',
    });
  });

  test('an unknown code follows the driver', () => {
    expect(after(refused('new'))).toEqual({ state: 'failed', code: 'new', message: 'slow down' });
    expect(after(refused('new', 'retry'))).toMatchObject({ state: 'queued', slowChannel: false });
    // A name that every object has is no code of the table.
    expect(after(refused('constructor'))).toMatchObject({ state: 'failed', code: 'constructor' });
  });
});

const statusEvent = (
  messageId: string | null,
  status: 'sent' | 'delivered' | 'read' | 'failed',
  source: 'webhook' | 'dispatch' = 'webhook',
) => ({
  tenantId: 't',
  data: {
    channelId: 'c',
    messageId,
    providerMessageId: 'wamid',
    status,
    at: '2026-01-01T00:00:00Z',
    error: status === 'failed' ? { code: '1', message: 'no' } : null,
    source,
  },
});

test('the strongest status of a message counts, in any order, without our own results and unknown ids', () => {
  const events = [
    statusEvent('a', 'failed'),
    statusEvent('a', 'sent'),
    statusEvent('b', 'sent'),
    statusEvent('b', 'read'),
    statusEvent('b', 'failed'),
    statusEvent(null, 'read'),
    statusEvent('c', 'sent', 'dispatch'),
  ];
  for (const list of [events, [...events].reverse()]) {
    const proofs = new Map(strongestProofs(list).map((proof) => [proof.messageId, proof.status]));
    expect([...proofs].sort()).toEqual([
      ['a', 'failed'],
      ['b', 'read'],
    ]);
  }
});

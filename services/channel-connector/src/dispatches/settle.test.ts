import { expect, test } from 'vitest';
import { strongestProofs } from './settle.ts';

const event = (
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

test('of all words about a message the strongest counts, in any order; our own results and strangers do not', () => {
  const events = [
    event('a', 'failed'),
    event('a', 'sent'),
    event('b', 'sent'),
    event('b', 'read'),
    event('b', 'failed'),
    event(null, 'read'),
    event('c', 'sent', 'dispatch'),
  ];
  for (const list of [events, [...events].reverse()]) {
    const proofs = new Map(strongestProofs(list).map((proof) => [proof.messageId, proof.status]));
    expect([...proofs].sort()).toEqual([
      ['a', 'failed'],
      ['b', 'read'],
    ]);
  }
});

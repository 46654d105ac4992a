import { describe, expect, it } from 'vitest';
import { cleanSends, judgeSends, type SendTestimony } from './sends-verdict.ts';

const sent: SendTestimony = {
  messageId: 'm1',
  state: 'sent',
  errorCode: null,
  errorMessage: null,
  providerMessageId: 'w1',
  status: 'read',
  taken: ['w1'],
  told: true,
};
const uncertain: SendTestimony = {
  ...sent,
  state: 'failed',
  errorCode: 'uncertain',
  errorMessage: 'It may have been delivered',
  providerMessageId: null,
  status: 'failed',
  taken: [],
};

describe('the verdict on sends', () => {
  it('is clean when each message was sent once, or is uncertain with its reason', () => {
    const untold = { ...uncertain, taken: ['w2'], told: false };
    const verdict = judgeSends([sent, uncertain, untold]);
    expect(verdict).toEqual({ sentTwice: [], lost: [], disagree: [], uncertain: 2, sent: 1 });
    expect(cleanSends(verdict)).toBe(true);
  });

  it.each<[string, keyof ReturnType<typeof judgeSends>, Partial<SendTestimony>]>([
    ['a message that was taken twice', 'sentTwice', { taken: ['w1', 'w2'] }],
    ['a message without a dispatch', 'lost', { state: null, taken: [] }],
    ['a message that still waits', 'lost', { state: 'queued', taken: [] }],
    ['a message that failed for another reason', 'lost', { ...uncertain, errorCode: 'unreachable' }],
    ['an uncertain message without a reason', 'lost', { ...uncertain, errorMessage: null }],
    ['a message that counts as sent, and is not in the ledger', 'disagree', { taken: [] }],
    ['a message that is known by another id', 'disagree', { providerMessageId: 'w9' }],
    ['a message that was sent and shows as failed', 'disagree', { status: 'failed' }],
    ['a status that did not settle its message', 'disagree', { ...uncertain, taken: ['w1'] }],
    ['an uncertain message that shows as pending', 'disagree', { ...uncertain, status: 'pending' }],
  ])('names %s', (_what, list, change) => {
    const verdict = judgeSends([{ ...sent, ...change }]);
    expect(verdict[list]).toHaveLength(1);
    expect(cleanSends(verdict)).toBe(false);
  });
});

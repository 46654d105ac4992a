import { describe, expect, it } from 'vitest';
import { dueOutcome, isAuthor } from './rules.ts';

const at = (minutes: number) => new Date(Date.UTC(2030, 0, 1, 12, minutes));
const row = { status: 'scheduled', cancelOnReply: true, createdAt: at(0), sendAt: at(30) } as const;

describe('isAuthor', () => {
  it.each([
    [{ userId: 'ana', apiKeyId: null }, { userId: 'ana' }, true],
    [{ userId: 'ana', apiKeyId: null }, { userId: 'luis' }, false],
    [{ userId: 'ana', apiKeyId: null }, { userId: null, apiKeyId: 'k' }, false],
    [{ userId: null, apiKeyId: 'k' }, { userId: null, apiKeyId: 'k' }, true],
    [{ userId: null, apiKeyId: 'k' }, { userId: null, apiKeyId: 'l' }, false],
    [{ userId: null, apiKeyId: null }, { userId: null }, false],
  ])('of %o for %o: %s', (row, caller, expected) => expect(isAuthor(row, caller)).toBe(expected));
});

describe('a message whose time has come', () => {
  it.each([
    ['is sent', row, null, 30, 'send'],
    ['is sent when the customer wrote before it was made', row, at(-1), 30, 'send'],
    ['is cancelled when the customer wrote since', row, at(10), 30, 'customer_wrote'],
    ['is sent all the same where that does not matter', { ...row, cancelOnReply: false }, at(10), 30, 'send'],
    ['waits when it was put off', row, null, 29, 'nothing'],
    ['is sent up to an hour late', row, null, 90, 'send'],
    ['fails after that', row, null, 91, 'late'],
    ['is nothing any more once it was sent', { ...row, status: 'sent' as const }, null, 30, 'nothing'],
    ['is nothing any more once it was cancelled', { ...row, status: 'cancelled' as const }, at(10), 30, 'nothing'],
  ] as const)('%s', (_, one, wrote, minute, outcome) => {
    expect(dueOutcome(one, wrote, at(minute))).toBe(outcome);
  });
});

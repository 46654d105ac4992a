import { describe, expect, it } from 'vitest';
import type { KnownChannel } from '../channels/directory.ts';
import type { Outcome } from '../providers/provider.ts';
import { decideReceipt, lastOfEach, refuseReceipt } from './rules.ts';
import type { NewReceipt } from './store.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const receipt = (messageId: string, sentTime: string, conversationId = 'c'): NewReceipt => ({
  ...{ tenantId: 't', conversationId, channelId: 'n', messageId, providerMessageId: `p${messageId}`, sentTime },
  ...{ earlier: [], readAt: sentTime, recipient: { waId: '51', phone: null, userId: null } },
});

describe('the last message of each conversation', () => {
  it('is the latest by its time, then by its id, whatever the order of arrival', () => {
    const given = [
      receipt('2', '2026-11-29T10:00:00.000Z'),
      receipt('9', '2026-11-29T09:00:00.000Z'),
      receipt('3', '2026-11-29T10:00:00Z'),
      receipt('1', '2026-11-29T08:00:00.000Z', 'other'),
    ];
    for (const order of [given, given.toReversed()]) {
      const last = lastOfEach(order);
      expect(new Set(last.map(({ messageId }) => messageId))).toEqual(new Set(['3', '1']));
      // None of those that it overtook is forgotten.
      expect(new Set(last.find(({ messageId }) => messageId === '3')!.earlier)).toEqual(new Set(['p2', 'p9']));
    }
  });
});

describe('a receipt', () => {
  const provider = {
    capabilities: {},
    markRead: async () => ({ kind: 'ok', value: true }),
  } as unknown as KnownChannel['provider'];
  const channel = {
    tenantId: 't',
    proven: true,
    blockedUntil: 0,
    lastError: null,
    provider,
    receipts: 'replies' as const,
  };
  const recipient = { waId: '51', phone: null, userId: null };
  const read = { tenantId: 't', readAt: new Date(NOW.getTime() - 60_000), recipient };

  it.each<[string, Parameters<typeof refuseReceipt>[0], Date, string | null]>([
    ['goes out on a number that works', channel, read.readAt, null],
    ['of another company', { ...channel, tenantId: 'u' }, read.readAt, 'channel_not_found'],
    ['of a number that is gone', null, read.readAt, 'channel_not_found'],
    ['of a number that holds none', { ...channel, proven: false }, read.readAt, 'channel_not_connected'],
    ['of a stopped number', { ...channel, blockedUntil: NOW.getTime() + 1 }, read.readAt, 'channel_not_connected'],
    ['of a number that wants none', { ...channel, receipts: 'never' }, read.readAt, 'disabled'],
    ['of a provider without', { ...channel, provider: {} as never }, read.readAt, 'unsupported'],
    ['after an hour', channel, new Date(NOW.getTime() - 3_600_000), 'expired'],
  ])('%s', (_what, one, readAt, code) => {
    expect(refuseReceipt(one, { ...read, readAt }, NOW)?.code ?? null).toBe(code);
  });

  it.each<[string, { groupReceipts?: false }, string | null]>([
    ['goes out to a group', {}, null],
    ['of a group where the provider takes none', { groupReceipts: false }, 'unsupported'],
  ])('%s', (_what, capabilities, code) => {
    const one = { ...channel, provider: { ...provider, capabilities } as never };
    const toGroup = { ...read, recipient: { waId: null, phone: null, userId: null, group: 'g@g.us' } };
    expect(refuseReceipt(one, toGroup, NOW)?.code ?? null).toBe(code);
  });

  const refused = (code: string): Outcome<true> => ({
    kind: 'refused',
    refusal: { code, otherwise: 'request', said: 'words' },
  });
  const errors = { slow: { kind: 'throttled' as const, reason: 'Too fast' } };
  it.each<[string, Outcome<true>, string]>([
    ['taken', { kind: 'ok', value: true }, 'sent'],
    ['refused for its pace', refused('slow'), 'again'],
    ['refused for good', refused('other'), 'failed'],
    ['throttled on the way', { kind: 'denied', httpStatus: 429 }, 'again'],
    ['denied on the way', { kind: 'denied', httpStatus: 403 }, 'failed'],
    ['whose answer was lost', { kind: 'lost', reason: 'reset' }, 'again'],
    ['that was not sent', { kind: 'not-sent', reason: 'refused' }, 'again'],
  ])('%s', (_what, outcome, state) => {
    expect(decideReceipt(outcome, errors).state).toBe(state);
  });
});

import { describe, expect, it } from 'vitest';
import type { Policy } from '../configs/store.ts';
import { isAnswerable, isJoinable, isUnattended, isWanted } from './rules.ts';

const policy: Policy = {
  tenantId: 't',
  enabledSince: new Date('2025-05-20T00:00:00Z'),
  responseMode: 'always',
  businessHours: { monday: { start: '09:00', end: '18:00' }, timezone: 'America/Lima' },
  keywords: [],
  responseDelay: 0,
};
const OPEN = '2025-05-26T15:00:00Z';
const CLOSED = '2025-05-26T05:30:00Z';

describe('isWanted', () => {
  it.each<[Policy['responseMode'], string, string, boolean]>([
    ['always', 'hola', OPEN, true],
    ['always', 'hola', CLOSED, true],
    ['business_hours', 'hola', OPEN, true],
    ['business_hours', 'hola', CLOSED, false],
    ['outside_hours', 'hola', OPEN, false],
    ['outside_hours', 'hola', CLOSED, true],
    ['keywords', 'hola', OPEN, false],
    ['keywords', 'el precio', OPEN, true],
  ])('%s: "%s" at %s → %s', (responseMode, content, createdAt, wanted) => {
    const given = { ...policy, responseMode, keywords: ['precio'] };
    expect(isWanted(given, { content, createdAt }, 'UTC')).toBe(wanted);
  });
});

it('Messages from before the AI was switched on, and messages older than a day, are left alone', () => {
  const joins = (createdAt: string, now = createdAt) => isJoinable(policy, { createdAt }, new Date(now));
  expect(joins('2025-05-19T23:00:00Z')).toBe(false);
  expect(joins('2025-05-19T23:59:59Z')).toBe(true); // another machine's clock
  expect(joins('2025-05-26T00:00:00Z', '2025-05-27T00:00:00Z')).toBe(true);
  expect(joins('2025-05-26T00:00:00Z', '2025-05-27T00:00:01Z')).toBe(false);
});

describe('isUnattended', () => {
  it.each([
    ['new', null, true],
    ['bot', null, true],
    ['queued', null, true],
    ['queued', 'someone', false],
    ['assigned', null, false],
    ['active', null, false],
    ['pending', null, false],
    ['closed', null, false],
  ] as const)('%s, assigned to %s → %s', (status, assignedUserId, unattended) => {
    expect(isUnattended({ status, assignedUserId })).toBe(unattended);
  });
});

describe('isAnswerable', () => {
  const event = (given: object, contact: object = {}) =>
    ({
      message: { direction: 'inbound', author: 'contact', type: 'text', content: 'hola', ...given },
      conversation: { status: 'new', assignedUserId: null },
      contact,
    }) as Parameters<typeof isAnswerable>[0];
  it.each([
    [{}, true],
    [{ type: 'interactive' }, true],
    [{ type: 'image', content: 'una foto' }, true],
    [{ type: 'image', content: '' }, true],
    [{ type: 'location', content: '' }, true],
    [{ type: 'reaction', content: '👍' }, false],
    [{ type: 'sticker' }, false],
    [{ type: 'audio' }, false],
    [{ type: 'unsupported' }, false],
    [{ type: 'system' }, false],
    [{ content: '  ' }, false],
    [{ content: 'STOP' }, false],
    [{ direction: 'outbound', author: 'ai' }, false],
    [{ direction: 'outbound', author: 'user' }, false],
  ])('%j → %s', (given, answerable) => {
    expect(isAnswerable(event(given))).toBe(answerable);
  });

  it('not of a blocked contact', () => {
    expect(isAnswerable(event({}, { isBlocked: true }))).toBe(false);
  });
});

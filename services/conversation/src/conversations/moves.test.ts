import { CONVERSATION_STATUSES } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import { describe, expect, it } from 'vitest';
import {
  archived,
  assignedTo,
  closed,
  consequencesOf,
  type Moved,
  movedBy,
  queued,
  queuedIn,
  reopened,
  snoozed,
} from './moves.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const NO_REASON = { reason: null, outcome: null, value: null };
type Before = Parameters<typeof queued>[0];
const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');
const isClosed = { status: 'closed', assignedUserId: 'ana' } as const;

const MOVES: Record<string, (before: Before) => Moved> = {
  assign: (before) => assignedTo('luis', before, NOW),
  queue: (before) => queued(before, NOW),
  snooze: (before) => snoozed(NOW, { ...before, campaignId: null }),
  campaign: (before) => queuedIn('ventas', { ...before, campaignId: null }, NOW),
};

describe('a conversation', () => {
  it.each(Object.entries(MOVES))('that is closed takes no %s', (_name, move) => {
    expect(() => move(isClosed)).toThrow(Conflict);
  });

  it.each(OPEN)('that is %s may be given to a user, queued and closed', (status) => {
    const before = { status, assignedUserId: 'ana' };
    expect(assignedTo('luis', before, NOW)).toEqual({ status: 'assigned', assignedUserId: 'luis', assignedAt: NOW });
    expect(queued(before, NOW)).toEqual({ status: 'queued', assignedUserId: null, assignedAt: null, queuedAt: NOW });
    expect(closed(before, { reason: 'resolved', outcome: 'sale', value: 3 }, NOW)).toEqual({
      status: 'closed',
      closedAt: NOW,
      closeReason: 'resolved',
      outcome: 'sale',
      outcomeValue: 3,
    });
  });

  it.each(OPEN)('that is %s is put away, unless its customer waits in a queue, and not archived', (status) => {
    expect(snoozed(NOW, { status, assignedUserId: null, campaignId: null })).toEqual({ snoozedUntil: NOW });
    expect(snoozed(NOW, { status, assignedUserId: 'ana', campaignId: 'ventas' })).toEqual({ snoozedUntil: NOW });
    expect(() => snoozed(NOW, { status, assignedUserId: null, campaignId: 'ventas' })).toThrow(Conflict);
    expect(() => archived({ status, assignedUserId: null })).toThrow(Conflict);
  });

  it('that is closed is archived', () => {
    expect(archived(isClosed)).toEqual({ archived: true });
  });

  it('that moves is no longer away, and one that opens leaves the archive and is counted', () => {
    const away = { ...isClosed, status: 'active', campaignId: null, snoozedUntil: NOW, reopenCount: 2 } as const;
    expect(consequencesOf(away, { status: 'closed' })).toEqual({ snoozedUntil: null });
    expect(consequencesOf(away, { assignedUserId: 'luis' })).toEqual({ snoozedUntil: null });
    expect(consequencesOf(away, { status: 'active', priority: 'high' })).toEqual({});
    expect(consequencesOf(away, { snoozedUntil: null })).toEqual({});
    const put = { ...away, status: 'closed', snoozedUntil: null } as const;
    expect(consequencesOf(put, { status: 'queued' })).toEqual({ archived: false, reopenCount: 3 });
  });

  it('that someone has is not given to them again', () => {
    expect(assignedTo('ana', { status: 'active', assignedUserId: 'ana' }, NOW)).toEqual({});
  });

  it('that is closed stays as it was closed, and one that is open is not opened', () => {
    expect(closed(isClosed, NO_REASON, NOW)).toEqual({});
    for (const status of OPEN) expect(reopened({ status, assignedUserId: null }, NOW)).toEqual({});
  });

  it('that is closed is opened again by a status of an open one', () => {
    expect(movedBy({ status: 'pending' }, isClosed, NOW)).toMatchObject({ status: 'pending', closedAt: null });
    expect(movedBy({ status: 'queued' }, isClosed, NOW)).toMatchObject({
      status: 'queued',
      assignedUserId: null,
      closedAt: null,
    });
  });

  it('that waits for a person stays as it is when it is to wait for one', () => {
    for (const status of ['new', 'bot', 'queued'] as const) {
      expect(movedBy({ status: 'queued' }, { status, assignedUserId: null }, NOW)).toEqual({});
    }
    const withPerson = { status: 'active', assignedUserId: 'ana' } as const;
    expect(movedBy({ status: 'queued' }, withPerson, NOW)).toMatchObject({ assignedUserId: null });
  });

  it('gets its user before its status, in one change', () => {
    const before = { status: 'new', assignedUserId: null } as const;
    const wanted = { status: 'active', assignedUserId: 'ana' } as const;
    expect(movedBy(wanted, before, NOW)).toEqual({ status: 'active', assignedUserId: 'ana', assignedAt: NOW });
    expect(movedBy({ ...wanted, status: 'closed' }, before, NOW)).toMatchObject({
      status: 'closed',
      assignedUserId: 'ana',
    });
    expect(() => movedBy({ assignedUserId: 'ana' }, isClosed, NOW)).toThrow(Conflict);
  });

  it('that waits keeps its place, unless it goes to another campaign', () => {
    const before = { status: 'queued', assignedUserId: null, campaignId: 'ventas' } as const;
    expect(queued(before, NOW)).not.toHaveProperty('queuedAt');
    expect(queuedIn('ventas', before, NOW)).not.toHaveProperty('queuedAt');
    expect(queuedIn('soporte', before, NOW)).toMatchObject({ campaignId: 'soporte', queuedAt: NOW });
  });

  it('opened by a status waits when who had it is not free, and goes to who is named', () => {
    for (const status of ['active', 'pending'] as const) {
      expect(movedBy({ status }, isClosed, NOW, false)).toMatchObject({ status: 'queued', assignedUserId: null });
    }
    const named = { status: 'active', assignedUserId: 'luis' } as const;
    expect(movedBy(named, isClosed, NOW, false)).toMatchObject({ status: 'active', assignedUserId: 'luis' });
  });

  it('opens again with who had it, else it waits', () => {
    expect(reopened(isClosed, NOW, false)).toMatchObject({ status: 'queued', assignedUserId: null, queuedAt: NOW });
    expect(reopened(isClosed, NOW)).toMatchObject({ status: 'assigned', closedAt: null, closeReason: null });
    expect(reopened({ status: 'closed', assignedUserId: null }, NOW)).toMatchObject({ status: 'queued' });
  });
});

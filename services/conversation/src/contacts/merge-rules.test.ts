import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BookRow } from './book-store.ts';
import { chatsToClose, mergedProfile, type OpenChat } from './merge-rules.ts';
import { BLANK } from './profile.ts';

const INTO = 'kept';
const at = (second: number) => new Date(second * 1000);
const chat = (id: string, given: Partial<OpenChat> = {}): OpenChat => ({
  ...{ id, contactId: 'other', channelId: 'one', assignedUserId: null, lastMessageAt: at(0) },
  ...given,
});

describe('of two open chats on a channel', () => {
  it.each<[string, OpenChat[], string[]]>([
    ['the one with a user stays', [chat('a', { contactId: INTO }), chat('b', { assignedUserId: 'u' })], ['a']],
    ['the kept contact’s own stays', [chat('a', { lastMessageAt: at(9) }), chat('b', { contactId: INTO })], ['a']],
    ['the one that was active last stays', [chat('a', { lastMessageAt: at(9) }), chat('b')], ['b']],
    ['each stays on channels of their own', [chat('a'), chat('b', { channelId: 'two' })], []],
  ])('%s', (_title, open, closing) => {
    expect(chatsToClose(open, INTO)).toEqual(closing);
    expect(chatsToClose(open.toReversed(), INTO)).toEqual(closing);
  });

  it('one stays open on each channel, the same in any order', () => {
    const any = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        contactId: fc.constantFrom(INTO, 'other', 'third'),
        channelId: fc.constantFrom('one', 'two'),
        assignedUserId: fc.option(fc.constant('u')),
        lastMessageAt: fc.integer({ min: 0, max: 3 }).map(at),
      }),
      { selector: ({ id }) => id, maxLength: 8 },
    );
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.nat()), (open, dice) => {
        const mixed = open.map((one) => ({ one, by: dice.next().value })).sort((a, b) => a.by - b.by);
        const closing = new Set(chatsToClose(open, INTO));
        const again = chatsToClose(
          mixed.map(({ one }) => one),
          INTO,
        );
        expect(new Set(again)).toEqual(closing);
        const left = open.filter(({ id }) => !closing.has(id)).map(({ channelId }) => channelId);
        expect(left.toSorted()).toEqual([...new Set(open.map(({ channelId }) => channelId))].toSorted());
      }),
    );
  });
});

const row = (given: Partial<BookRow>): BookRow => ({
  ...BLANK,
  ...{ id: 'k', avatarUrl: null, username: null, groupAddress: null, namedAt: null, enteredAt: null },
  ...{ deletedAt: null, erasedAt: null, createdAt: at(0), updatedAt: at(0) },
  ...given,
});

describe('a merged profile', () => {
  it('keeps the kept one’s values, takes what it lacks, and adds up purchases', () => {
    const kept = row({ name: 'Ana', email: null, ltv: 0.1, totalPurchases: 1, customFields: { a: '1' }, notes: 'x' });
    const other = row({
      name: 'Otra',
      email: 'a@b.c',
      ltv: 0.2,
      totalPurchases: 2,
      customFields: { a: '2', b: '3' },
      notes: 'y',
    });
    expect(mergedProfile(kept, [other])).toMatchObject({
      ...{ name: 'Ana', email: 'a@b.c', ltv: 0.3, totalPurchases: 3, customFields: { a: '1', b: '3' }, notes: 'x\ny' },
    });
  });

  it.each([
    [{ name: 'ana ✨' }, { name: 'Ana Pérez', firstName: 'Ana', lastName: 'Pérez' }, 'Ana Pérez'],
    [{ name: 'ana ✨' }, { name: 'Ana Pérez', enteredAt: at(1) }, 'Ana Pérez'],
    [{ name: 'Ana', firstName: 'Ana' }, { name: 'Otra', firstName: 'Otra' }, 'Ana'],
    [{ name: 'ana ✨' }, { name: 'otra ✨' }, 'ana ✨'],
    [{ name: null, enteredAt: at(1) }, { name: 'otra ✨' }, 'otra ✨'],
  ])('takes a name that a person wrote before one of a profile: %j and %j', (kept, other, name) => {
    expect(mergedProfile(row(kept), [row(other)]).name).toBe(name);
  });

  it('is as strict as its strictest part, on either side', () => {
    const wish = fc.record({
      marketingStoppedAt: fc.option(fc.integer({ min: 1, max: 9 }).map(at)),
      blockedAt: fc.option(fc.integer({ min: 1, max: 9 }).map(at)),
    });
    fc.assert(
      fc.property(wish, fc.array(wish, { maxLength: 3 }), (kept, others) => {
        const merged = mergedProfile(row(kept), others.map(row));
        const all = [kept, ...others];
        expect(merged.blockedAt !== null).toBe(all.some(({ blockedAt }) => blockedAt !== null));
        expect(merged.marketingStoppedAt !== null).toBe(all.some((one) => one.marketingStoppedAt !== null));
      }),
    );
  });
});

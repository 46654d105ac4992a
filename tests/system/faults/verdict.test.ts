import { describe, expect, it } from 'vitest';
import { clean, judge, type Testimony } from './verdict.ts';

const fine: Testimony = {
  inboundAccepted: new Set(['w1']),
  outboundAccepted: new Map([['hola', 'm2']]),
  database: [
    { id: 'm1', direction: 'inbound', status: 'delivered', content: 'x', providerMessageId: 'w1' },
    { id: 'm2', direction: 'outbound', status: 'read', content: 'hola', providerMessageId: 'w2' },
  ],
  ledger: ['hola'],
  screen: {
    shown: new Map([
      ['m1', 1],
      ['m2', 1],
    ]),
    fetched: new Set(),
    status: new Map([['m2', 'READ']]),
  },
};

describe('the verdict of a fault run', () => {
  it('is clean when the witnesses agree', () => {
    expect(clean(judge(fine))).toBe(true);
  });

  it('counts a message that failed visibly as neither lost nor sent', () => {
    const verdict = judge({
      ...fine,
      database: [fine.database[0]!, { ...fine.database[1]!, status: 'failed' }],
      ledger: [],
      screen: { ...fine.screen, status: new Map([['m2', 'FAILED']]) },
    });
    expect(clean(verdict)).toBe(true);
    expect(verdict.visiblyFailed).toBe(1);
  });

  it.each<[string, Partial<Testimony>, 'lost' | 'sentTwice' | 'shownTwice' | 'disagree']>([
    ['an accepted webhook is not stored', { inboundAccepted: new Set(['w1', 'w9']) }, 'lost'],
    ['an accepted message was never sent', { ledger: [] }, 'lost'],
    [
      'an accepted message is not stored',
      {
        outboundAccepted: new Map([
          ['hola', 'm2'],
          ['adios', 'm9'],
        ]),
      },
      'lost',
    ],
    ['a message never reached the screen', { screen: { ...fine.screen, shown: new Map([['m1', 1]]) } }, 'lost'],
    ['a message went out twice', { ledger: ['hola', 'hola'] }, 'sentTwice'],
    [
      'a message was shown twice',
      {
        screen: {
          ...fine.screen,
          shown: new Map([
            ['m1', 2],
            ['m2', 1],
          ]),
        },
      },
      'shownTwice',
    ],
    [
      'an inbound message is stored twice',
      {
        database: [...fine.database, { ...fine.database[0]!, id: 'm3' }],
        screen: { ...fine.screen, fetched: new Set(['m3']) },
      },
      'shownTwice',
    ],
    ['the screen shows an older status', { screen: { ...fine.screen, status: new Map([['m2', 'SENT']]) } }, 'disagree'],
    [
      'a sent message shows failed',
      {
        database: [fine.database[0]!, { ...fine.database[1]!, status: 'failed' }],
        screen: { ...fine.screen, status: new Map([['m2', 'FAILED']]) },
      },
      'disagree',
    ],
    [
      'the screen shows what is not stored',
      { screen: { ...fine.screen, shown: new Map([...fine.screen.shown, ['m8', 1]]) } },
      'disagree',
    ],
  ])('is red when %s', (_what, change, list) => {
    const verdict = judge({ ...fine, ...change });
    expect(verdict[list]).toHaveLength(1);
    expect(clean(verdict)).toBe(false);
  });
});

import type { Message } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { priorityOf, statusesOf } from '../conversations/views.ts';
import { threadView } from './views.ts';

const message = (id: string): Message => ({
  ...{ id, conversationId: 'c', channelId: 'n', direction: 'inbound', type: 'text', content: id, metadata: null },
  ...{ status: 'delivered', providerMessageId: null, author: 'contact', userId: null, aiModel: null, error: null },
  ...{ sentTime: id, sentAt: null, deliveredAt: null, readAt: null, createdAt: id },
});

describe('a page of a thread', () => {
  const idsOf = (items: string[], hasMore: boolean, after?: string) => {
    const { data, nextCursor } = threadView({ items: items.map(message), hasMore }, { after });
    return [data.map(({ id }) => id), nextCursor];
  };

  it('is in order of time, and goes on with what is older', () => {
    expect(idsOf(['4', '3', '2'], true)).toEqual([['2', '3', '4'], '2']);
  });

  it('after a message goes on with what is newer', () => {
    expect(idsOf(['5', '6'], true, '4')).toEqual([['5', '6'], '6']);
  });

  it('has no cursor at its end', () => {
    expect([idsOf(['2', '1'], false), idsOf([], false)]).toEqual([
      [['1', '2'], null],
      [[], null],
    ]);
  });
});

it('a status or priority in a filter stands for all that is shown as it', () => {
  expect(statusesOf('OPEN')).toEqual(['new', 'bot', 'queued']);
  expect(statusesOf('IN_PROGRESS')).toEqual(['assigned', 'active']);
  expect([priorityOf('MEDIUM'), priorityOf('URGENT')]).toEqual(['normal', 'urgent']);
});

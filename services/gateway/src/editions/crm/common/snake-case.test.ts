import { type Message, shownDetails } from '@recado/contracts';
import { META_MESSAGES } from '@recado/testkit/meta-messages';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { chatMessage } from '../chats/schemas.ts';
import { chatMessageView } from '../chats/views.ts';
import { snakeKeys, snakeShape } from './snake-case.ts';

it('spells keys at any depth, and leaves those of others', () => {
  const value = { sourceUrl: 'x', sha256: 's', lists: [{ waId: '1' }], answers: { firstName: 'Ana' }, none: null };
  expect(snakeKeys(value, new Set(['answers']))).toEqual({
    source_url: 'x',
    sha256: 's',
    lists: [{ wa_id: '1' }],
    answers: { firstName: 'Ana' },
    none: null,
  });
});

it('gives a shape that refuses what the first one refuses', () => {
  const shape = z.strictObject(snakeShape(shownDetails.shape));
  expect(shape.safeParse({ media: { file_name: 'a.pdf', sha256: 's' } }).success).toBe(true);
  expect(shape.safeParse({ media: { file_name: 7 } }).success).toBe(false);
  expect(shape.safeParse({ contacts: [{ phones: [{ wa_id: 7 }] }] }).success).toBe(false);
  expect(shape.safeParse({ callPermission: { answer: 'accept' } }).success).toBe(false);
});

it.each(META_MESSAGES)('shows $name as its document says', ({ type, content, details }) => {
  const message = { id: '0190b6d5-7c1e-7000-8000-000000000001', type, content, details } as Message;
  const view = chatMessageView({ ...message, error: null, userId: null }, new Map());
  const parsed = chatMessage.partial().parse(view);
  expect(parsed).toEqual({ ...view });
});

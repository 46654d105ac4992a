import type { EventData, templateChanged } from '@recado/contracts';
import { expect, it } from 'vitest';
import { templateNotice } from './notices.ts';

type Data = EventData<typeof templateChanged>;
const data: Data = {
  templateId: '01890000-0000-7000-8000-000000000001',
  channelIds: [],
  name: 'welcome',
  language: 'es',
  category: 'marketing',
  previousCategory: null,
  nextCategory: null,
  status: 'approved',
  reason: null,
  quality: 'unknown',
  changed: [],
  at: '2026-01-01T00:00:00.000Z',
};

it.each<[string, Partial<Data>, string | null]>([
  ['a rejection', { status: 'rejected', reason: 'INVALID_FORMAT', changed: ['status', 'reason'] }, 'template.rejected'],
  ['a pause', { status: 'paused', changed: ['status'] }, 'template.paused'],
  ['another category', { previousCategory: 'utility', changed: ['category'] }, 'template.category'],
  ['a category to come', { nextCategory: 'utility', changed: ['nextCategory'] }, 'template.category'],
  ['an approval', { changed: ['status'] }, null],
  ['a new one', { status: 'rejected', changed: ['created'] }, null],
  ['a change by a person', { changed: ['category', 'components'] }, null],
])('%s tells people what it must', (_, change, kind) => {
  expect(templateNotice({ ...data, ...change })?.kind ?? null).toBe(kind);
});

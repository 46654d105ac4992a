import { expect, it } from 'vitest';
import { colorAt, firstStage, stageOf } from './rules.ts';
import type { StageRow } from './store.ts';

const stage = (id: string, more: Partial<StageRow> = {}): StageRow => ({
  ...{ tenantId: 't', boardId: 'b', id, name: id, color: '#1565C0', position: 0, wipLimit: null },
  ...{ leadStatus: null, meaning: null },
  ...more,
});
const chats = {
  kind: 'campaign' as const,
  stages: [stage('closed', { meaning: 'closed' }), stage('first'), stage('second')],
};
const contacts = {
  kind: 'lead_status' as const,
  stages: [stage('new', { leadStatus: 'new' }), stage('won', { leadStatus: 'won' })],
};

it.each([
  ['an open chat that was never moved', { isClosed: false, placedIn: null }, 'first'],
  ['an open chat', { isClosed: false, placedIn: 'second' }, 'second'],
  ['a closed chat', { isClosed: true, placedIn: 'second' }, 'closed'],
  ['a chat that opened again after it was moved to the closed ones', { isClosed: false, placedIn: 'closed' }, 'first'],
  ['a chat of a stage that is gone', { isClosed: false, placedIn: 'gone' }, 'first'],
])('%s stands where its state says', (_, card, id) => expect(stageOf(chats, card)?.id).toBe(id));

it('a contact stands in the stage of its lead status alone', () => {
  expect(stageOf(contacts, { leadStatus: 'won', placedIn: 'new' })?.id).toBe('won');
  expect(stageOf(contacts, { leadStatus: 'lost', placedIn: 'new' })).toBeNull();
});

it('closed chats are on no board without a stage for them', () => {
  const open = { ...chats, stages: [stage('first')] };
  expect(stageOf(open, { isClosed: true, placedIn: 'first' })).toBeNull();
  expect(firstStage({ stages: [stage('closed', { meaning: 'closed' })] })).toBeNull();
});

it('stages next to each other have different colors', () => {
  for (let i = 0; i < 30; i++) expect(colorAt(i)).not.toBe(colorAt(i + 1));
});

import { uuidv7 } from '@recado/contracts';
import { expect, it } from 'vitest';
import { conversation, user } from '../../../test/samples.ts';
import type { Lookups, RealtimeEvent } from '../../realtime/types.ts';
import { realtime } from './realtime.ts';

const lookups: Lookups = {
  users: async (_tenant, ids) => new Map([...ids].filter((id) => id === user.id).map((id) => [id!, user])),
  channels: async () => new Map(),
  campaigns: async () => new Map(),
  conversations: async () => new Map(),
};

/** The frames of an update of a conversation that the user has. */
const framesOf = async (data: { changed: string[]; transfer?: object }) => {
  const event = { tenantId: uuidv7(), name: 'conversation.updated', data: { conversation, ...data } };
  return realtime.frames(event as unknown as RealtimeEvent, lookups);
};

it('a chat that changed hands is new for the agent who has it', async () => {
  const [given, updated] = await framesOf({ changed: ['status', 'assignedUserId'] });
  expect(given).toMatchObject({ name: 'chat.new', needs: { person: conversation.assignedUserId } });
  expect(updated).toMatchObject({ name: 'chat.updated', payload: { chat: { id: conversation.id } } });
});

it('a chat that changed otherwise is new for no agent', async () => {
  expect(await framesOf({ changed: ['priority'] })).toMatchObject([{ name: 'chat.updated' }]);
});

it('a chat that was handed on says from whom, to whom, by whom and why', async () => {
  const transfer = { fromUserId: user.id, fromCampaignId: null, reason: 'Vacaciones', byUserId: null };
  const frames = await framesOf({ changed: ['assignedUserId'], transfer });
  expect(frames.map(({ name }) => name)).toEqual(['chat.new', 'chat.transferred', 'chat.updated']);
  expect(frames[1]!.payload).toMatchObject({
    chatId: conversation.id,
    from: { agent: { id: user.id, first_name: user.firstName }, campaign_id: null },
    reason: 'Vacaciones',
    transferred_by: null,
  });
});

it('a card that moved says from where, to where and by whom, to those who may see such cards', async () => {
  const stages = { stageId: uuidv7(), fromStageId: uuidv7() };
  const data = { boardId: uuidv7(), cardId: uuidv7(), ...stages, byUserId: user.id };
  const moved = async (kind: string) => {
    const event = { tenantId: uuidv7(), name: 'board.card-moved', data: { ...data, kind } };
    return realtime.frames(event as unknown as RealtimeEvent, lookups);
  };
  const payload = { boardId: data.boardId, cardId: data.cardId, ...stages, moved_by: { id: user.id } };
  expect(await moved('campaign')).toMatchObject([
    { name: 'board.card_moved', payload, needs: { permissions: ['chats.read'] } },
  ]);
  expect(await moved('lead_status')).toMatchObject([{ needs: { permissions: ['chats.read', 'contacts.read'] } }]);
});

it('an import shows how far it is to the person who ordered it alone', async () => {
  const one = { id: uuidv7(), status: 'running', columns: [], total: 200, processed: 50, created: 30, updated: 10 };
  const data = { import: { ...one, createdBy: user.id } };
  for (const name of ['import.progressed', 'import.finished']) {
    const frames = await realtime.frames({ tenantId: uuidv7(), name, data } as unknown as RealtimeEvent, lookups);
    const shown = { id: one.id, status: 'running', progress: 25, imported: 40, skipped: 10 };
    expect(frames).toMatchObject([{ name: 'client.import', payload: { import: shown }, needs: { person: user.id } }]);
  }
});

it('a target that is missed is shown to those who see chats, without words of the customer', async () => {
  const data = { conversationId: uuidv7(), target: 'next_response', dueAt: '2026-11-30T12:00:00.000Z' };
  const event = { name: 'sla.breached', tenantId: uuidv7(), data } as unknown as RealtimeEvent;
  const frames = await realtime.frames(event, lookups);
  expect(frames).toEqual([
    {
      name: 'chat.sla',
      payload: { chatId: data.conversationId, target: 'next_response', status: 'breached', due_at: data.dueAt },
      needs: { permissions: ['chats.read'] },
    },
  ]);
});

import { z } from 'zod';
import { withCode } from '../errors.ts';
import { isoTime, oneOrMore, text, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { conversation, PRIORITIES } from './conversation-records.ts';

const params = z.strictObject({ conversationId: uuid() });
const reason = text(500).nullable().optional().describe('Shown in the history of the conversation');
const repeated = 'Doing it again changes nothing';

/** Who has a conversation, and whether it is open. */
export const moveRoutes = {
  assignConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/assign',
    access: 'chats.assign',
    once: { none: repeated },
    params,
    body: z.strictObject({ userId: uuid().nullable().describe('null: it waits for a person again'), reason }),
    responses: { 200: conversation },
    audit: 'conversation.assign',
    summary: 'Give an open conversation to a user of the tenant (chats.assign). Closed: 409',
  }),
  transferConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/transfer',
    access: 'chats.transfer',
    once: { none: repeated },
    params,
    body: z.strictObject({
      to: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('user'), userId: uuid() }),
        z.strictObject({ kind: z.literal('campaign'), campaignId: uuid() }),
        z.strictObject({ kind: z.literal('queue') }),
      ]),
      reason,
    }),
    responses: { 200: conversation },
    audit: 'conversation.transfer',
    summary:
      'Hand an open conversation on: to another user, to a campaign, or back to those that wait (chats.transfer). Closed: 409',
  }),
  closeConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/close',
    access: 'chats.close',
    once: { none: 'A closed conversation stays as it was closed' },
    params,
    body: z.strictObject({
      reason: text(120).nullable().optional(),
      outcome: text(120).nullable().optional(),
      value: z.number().min(0).max(1e12).nullable().optional().describe("Of the outcome, in the tenant's currency"),
      notes: text(4000).nullable().optional().describe('Kept as a note'),
    }),
    responses: { 200: conversation },
    audit: 'conversation.close',
    summary: 'Close a conversation (chats.close). The next message of the customer opens a new one',
  }),
  reopenConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/reopen',
    access: 'chats.close',
    once: { none: repeated },
    params,
    responses: { 200: conversation },
    audit: 'conversation.reopen',
    summary:
      'Open a closed conversation again (chats.close). With another one of the contact open on the channel: 409. Beyond the plan: 403',
  }),
  snoozeConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/snooze',
    access: 'chats.update',
    once: { none: repeated },
    params,
    body: z.strictObject({ until: isoTime().describe('In the future, at most a year') }),
    responses: { 200: conversation },
    audit: 'conversation.snooze',
    summary:
      'Put an open conversation away until a time (chats.update). It is back then, when the customer writes, or when it changes hands. Closed, or waiting in the queue of a campaign: 409',
  }),
  wakeConversation: route({
    method: 'DELETE',
    path: '/conversations/:conversationId/snooze',
    access: 'chats.update',
    params,
    responses: { 200: conversation },
    audit: 'conversation.wake',
    summary: 'Bring a snoozed conversation back now (chats.update)',
  }),
  archiveConversation: route({
    method: 'POST',
    path: '/conversations/:conversationId/archive',
    access: 'chats.update',
    once: { none: repeated },
    params,
    responses: { 200: conversation },
    audit: 'conversation.archive',
    summary: 'Put a closed conversation away (chats.update). Open: 409. Reopened, it is back',
  }),
  unarchiveConversation: route({
    method: 'DELETE',
    path: '/conversations/:conversationId/archive',
    access: 'chats.update',
    params,
    responses: { 200: conversation },
    audit: 'conversation.unarchive',
    summary: 'Bring a conversation back from the archive (chats.update)',
  }),
  updateConversation: route({
    method: 'PATCH',
    path: '/conversations/:conversationId',
    access: 'chats.update',
    params,
    body: z
      .strictObject({
        priority: z.enum(PRIORITIES).optional(),
        archived: z.boolean().optional(),
        status: z
          .enum(['queued', 'active', 'pending', 'closed'])
          .optional()
          .describe('`closed` and away from it: chats.close. `queued`: no user has it any more'),
        assignedUserId: uuid().nullable().optional().describe('chats.assign; as in assignConversation'),
        tagIds: z.array(uuid()).max(50).optional().describe('These tags and no others'),
      })
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: conversation },
    audit: 'conversation.update',
    summary: 'Change priority, archive, status, user or tags, all or none (chats.update)',
  }),
};

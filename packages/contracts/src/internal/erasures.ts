import { z } from 'zod';
import { isoTime, uuid } from '../primitives.ts';
import { route } from '../route.ts';

export const contactErasure = z
  .object({
    contactId: uuid(),
    status: z.enum(['running', 'done']).describe('done: nothing that was stored is left'),
    requestedAt: isoTime(),
    doneAt: isoTime().nullable(),
    erased: z
      .object({
        chats: z.number().int(),
        messages: z.number().int(),
        files: z.number().int(),
        notes: z.number().int(),
        tasks: z.number().int(),
      })
      .describe('So far'),
    queuesUntil: isoTime().describe('By then the queues of events hold nothing of it either'),
  })
  .meta({ id: 'ContactErasure' });
export type ContactErasure = z.infer<typeof contactErasure>;

export const erasureRoutes = {
  getErasure: route({
    method: 'GET',
    path: '/contacts/:contactId/erasure',
    access: 'contacts.manage',
    params: z.strictObject({ contactId: uuid() }),
    responses: { 200: contactErasure },
    summary: 'How far the erasure of a removed contact is (contacts.manage)',
  }),
};

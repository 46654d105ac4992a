import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { SLA_TARGETS } from '../internal/conversation-records.ts';
import { isoTime, uuid } from '../primitives.ts';

const facts = z.object({
  conversationId: uuid(),
  channelId: uuid(),
  campaignId: uuid(),
  assignedUserId: uuid().nullable(),
  contact: z.object({ id: uuid(), name: z.string().nullable(), phone: z.string().nullable() }),
  target: z.enum(SLA_TARGETS),
  dueAt: isoTime(),
});

export const slaWarned = defineEvent(
  'conversation.sla.warned',
  1,
  facts,
  "A campaign's target will soon be missed; told once for each",
);
export const slaBreached = defineEvent(
  'conversation.sla.breached',
  1,
  facts,
  "A campaign's target was missed; told once for each",
);

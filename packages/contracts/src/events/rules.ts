import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { RULE_EVENTS } from '../internal/rule-parts.ts';
import { uuid } from '../primitives.ts';

export const ruleFired = defineEvent(
  'conversation.rule.fired',
  1,
  z.object({
    name: z.string().describe('As the action names it'),
    ruleId: uuid().nullable().describe('Null for a macro'),
    macroId: uuid().nullable(),
    event: z.enum(RULE_EVENTS).nullable().describe('What the rule ran for'),
    conversationId: uuid(),
    channelId: uuid(),
    contactId: uuid(),
    byUserId: uuid().nullable().describe('Who ran the macro'),
  }),
  'The webhook action of a rule or a macro ran',
);

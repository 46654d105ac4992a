import { z } from 'zod';
import { characters, isoTime, text, uuid } from '../primitives.ts';
import { LEAD_STATUSES } from './contacts.ts';
import { PRIORITIES } from './conversation-records.ts';
import { CONVERSATION_STATUSES } from './statuses.ts';
import { tagName } from './tag-name.ts';

/** When a rule is looked at. */
export const RULE_EVENTS = [
  'message.received',
  'customer.waiting',
  'conversation.created',
  'conversation.assigned',
  'conversation.queued',
  'conversation.closed',
  'conversation.reopened',
  'conversation.tagged',
  'sla.warned',
  'sla.breached',
] as const;
export type RuleEvent = (typeof RULE_EVENTS)[number];

const IN = ['in', 'not_in'] as const;
const oneOf = <T extends z.ZodType>(value: T) => z.array(value).min(1).max(50);
const value = text(500);

/** A question about the event, its conversation or its contact. `op` says how. */
const QUESTIONS = [
  z
    .strictObject({ type: z.literal('text'), op: z.enum(['contains', 'equals', 'starts_with', 'matches']), value })
    .describe('The words of the message, without regard to case and accents. `matches`: a pattern of RE2'),
  z.strictObject({ type: z.literal('channel'), op: z.enum(IN), values: oneOf(uuid()) }),
  z
    .strictObject({ type: z.literal('campaign'), op: z.enum(IN), values: oneOf(uuid().nullable()) })
    .describe('null: in none'),
  z
    .strictObject({ type: z.literal('assignee'), op: z.enum(IN), values: oneOf(uuid().nullable()) })
    .describe('null: no user has it'),
  z.strictObject({ type: z.literal('status'), op: z.enum(IN), values: oneOf(z.enum(CONVERSATION_STATUSES)) }),
  z.strictObject({ type: z.literal('priority'), op: z.enum(IN), values: oneOf(z.enum(PRIORITIES)) }),
  z.strictObject({ type: z.literal('lead_status'), op: z.enum(IN), values: oneOf(z.enum(LEAD_STATUSES)) }),
  z.strictObject({ type: z.literal('tag'), op: z.enum(['has', 'has_not']), value }).describe('Of the chat, by name'),
  z.strictObject({ type: z.literal('contact_tag'), op: z.enum(['has', 'has_not']), value }).describe('By name'),
  z
    .strictObject({
      type: z.literal('contact'),
      name: z.enum(['name', 'email', 'phone', 'company', 'city', 'country', 'segment']),
      op: z.enum(['equals', 'contains', 'starts_with', 'is_set', 'is_not_set']),
      value: value.nullable().default(null),
    })
    .describe('A field of the contact'),
  z
    .strictObject({
      type: z.literal('custom_field'),
      name: text(60),
      op: z.enum(['equals', 'contains', 'over', 'under', 'is_set', 'is_not_set']),
      value: z.union([value, z.number(), z.boolean()]).nullable().default(null),
    })
    .describe("A field of the tenant's own"),
  z
    .strictObject({ type: z.literal('business_hours'), is: z.boolean() })
    .describe("Whether it is open now: the campaign's hours; a chat in none is always open"),
] as const;

const GROUP = z.enum(['all', 'any']);
const question = z.discriminatedUnion('type', QUESTIONS);
const group = <T extends z.ZodType>(conditions: T) =>
  z.strictObject({ type: GROUP, conditions: z.array(conditions).min(1).max(20) });
const inner = z.discriminatedUnion('type', [...QUESTIONS, group(question)]);

/** Groups within a group. */
export const ruleCondition = z.discriminatedUnion('type', [...QUESTIONS, group(inner)]).meta({ id: 'RuleCondition' });
export type RuleQuestion = z.output<typeof question>;
/** As it is kept. */
export type RuleCondition = RuleQuestion | { type: z.output<typeof GROUP>; conditions: RuleCondition[] };

/** What a rule or a macro does. */
export const ruleAction = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('queue') }).describe('Back to those that wait'),
    z.strictObject({ type: z.literal('assign'), to: uuid().nullable() }).describe('null: it waits for a person'),
    z.strictObject({ type: z.literal('transfer'), campaign: uuid() }).describe('To the queue of a campaign'),
    z.strictObject({ type: z.literal('tag'), name: tagName }),
    z.strictObject({ type: z.literal('untag'), name: text(60) }),
    z.strictObject({ type: z.literal('priority'), priority: z.enum(PRIORITIES) }),
    z.strictObject({ type: z.literal('reply'), text: characters(4096) }),
    z.strictObject({
      type: z.literal('template'),
      name: text(512),
      language: text(20),
      params: z.record(z.string().max(64), z.string().max(1024)).default({}),
    }),
    z.strictObject({ type: z.literal('note'), content: text(4000) }),
    z.strictObject({
      type: z.literal('close'),
      reason: text(120).nullable().default(null),
      outcome: text(120).nullable().default(null),
    }),
    z.strictObject({ type: z.literal('webhook'), name: text(120) }).describe('`rule.fired` to the webhook endpoints'),
    z.strictObject({ type: z.literal('lead_status'), status: z.enum(LEAD_STATUSES) }),
    z.strictObject({
      type: z.literal('custom_field'),
      name: text(60),
      value: z
        .union([z.string().max(1000), z.number(), z.boolean()])
        .nullable()
        .describe('null: it is removed'),
    }),
  ])
  .meta({ id: 'RuleAction' });
export type RuleAction = z.output<typeof ruleAction>;

export const ACTION_STATUSES = ['done', 'failed'] as const;
export const RUN_STATUSES = ['running', 'done', 'failed', 'cut'] as const;

/** What an action did. */
export const actionResult = z.object({
  type: z.string(),
  status: z.enum(ACTION_STATUSES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ActionResult = z.infer<typeof actionResult>;

export const ruleRun = z
  .object({
    id: uuid(),
    ruleId: uuid(),
    eventId: uuid(),
    event: z.enum(RULE_EVENTS),
    conversationId: uuid(),
    status: z.enum(RUN_STATUSES).describe('`cut`: it would have gone round in circles'),
    actions: z.array(actionResult),
    createdAt: isoTime(),
    endedAt: isoTime().nullable(),
  })
  .meta({ id: 'RuleRun' });
export type RuleRun = z.infer<typeof ruleRun>;

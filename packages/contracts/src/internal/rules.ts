import { z } from 'zod';
import { FIELD_CODES, withCode } from '../errors.ts';
import { characters, isoTime, oneOrMore, text, totalIsCapped, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { actionResult, RULE_EVENTS, ruleAction, ruleCondition, ruleRun } from './rule-parts.ts';

/** What a tenant may have. */
export const MAX_RULES = 100;
/** Of all, and of each user alone. */
export const MAX_MACROS = 200;
const MAX_ACTIONS = 20;

const ruleFields = {
  name: text(120),
  enabled: z.boolean(),
  event: z.enum(RULE_EVENTS),
  afterSeconds: z
    .number()
    .int()
    .min(60)
    .max(7 * 86_400)
    .nullable()
    .describe('Of `customer.waiting` alone: how long no person has answered'),
  conditions: ruleCondition.nullable().describe('null: always'),
  actions: z.array(ruleAction).min(1).max(MAX_ACTIONS).describe('Run in this order; one that fails ends no other'),
  stop: z.boolean().describe('Later rules of the event do not run after it'),
};

export const rule = z
  .object({
    id: uuid(),
    ...ruleFields,
    position: z.number().int(),
    createdBy: uuid().nullable().describe('Null for an API key'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof rule>;

const macroFields = { name: text(120), actions: ruleFields.actions };
export const macro = z
  .object({
    id: uuid(),
    ...macroFields,
    ownerId: uuid().nullable().describe('Whose it is; null: of all'),
    createdBy: uuid().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Macro' });
export type Macro = z.infer<typeof macro>;

/** What a try tells of a condition, and of those in a group. */
export interface ConditionResult {
  type: string;
  holds: boolean;
  conditions?: ConditionResult[] | undefined;
}
const leaf = z.object({ type: z.string(), holds: z.boolean() });
const inner = leaf.extend({ conditions: z.array(leaf).optional() });
const conditionResult = leaf.extend({ conditions: z.array(inner).optional() });

const params = z.strictObject({ ruleId: uuid() });
const macroParams = z.strictObject({ macroId: uuid() });

/** What happens by itself in conversations, and by a button. */
export const ruleRoutes = {
  listRules: route({
    method: 'GET',
    path: '/rules',
    access: 'campaigns.read',
    responses: { 200: z.object({ items: z.array(rule).max(MAX_RULES) }) },
    summary: `The tenant's rules in their order, at most ${MAX_RULES} (campaigns.read)`,
  }),
  createRule: route({
    method: 'POST',
    path: '/rules',
    access: 'campaigns.update',
    once: true,
    body: z.strictObject({
      ...ruleFields,
      enabled: ruleFields.enabled.default(true),
      afterSeconds: ruleFields.afterSeconds.default(null),
      conditions: ruleFields.conditions.default(null),
      stop: ruleFields.stop.default(false),
    }),
    responses: { 201: rule },
    audit: 'rule.create',
    summary: `Make a rule, the last in order (campaigns.update, and what its actions take). More than ${MAX_RULES}: 409`,
  }),
  getRule: route({
    method: 'GET',
    path: '/rules/:ruleId',
    access: 'campaigns.read',
    params,
    responses: { 200: rule },
    summary: 'One rule (campaigns.read)',
  }),
  updateRule: route({
    method: 'PATCH',
    path: '/rules/:ruleId',
    access: 'campaigns.update',
    params,
    body: z.strictObject(ruleFields).partial().refine(oneOrMore, withCode('no_fields')),
    responses: { 200: rule },
    audit: 'rule.update',
    summary: 'Change a rule (campaigns.update, and what its actions take)',
  }),
  deleteRule: route({
    method: 'DELETE',
    path: '/rules/:ruleId',
    access: 'campaigns.update',
    params,
    responses: { 204: z.null() },
    audit: 'rule.delete',
    summary: 'Delete a rule (campaigns.update). Its runs stay in the log',
  }),
  orderRules: route({
    method: 'PUT',
    path: '/rule-order',
    access: 'campaigns.update',
    body: z.strictObject({ ruleIds: z.array(uuid()).max(MAX_RULES) }).superRefine(({ ruleIds }, context) => {
      for (const [i, id] of ruleIds.entries()) {
        if (ruleIds.indexOf(id) === i) continue;
        const message = FIELD_CODES.duplicate;
        context.addIssue({ code: 'custom', path: ['ruleIds', i], message, params: { code: 'duplicate' } });
      }
    }),
    responses: { 200: z.object({ items: z.array(rule).max(MAX_RULES) }) },
    audit: 'rule.order',
    summary: 'Put the rules in this order (campaigns.update). Those that are not named follow in theirs',
  }),
  tryRule: route({
    method: 'POST',
    path: '/rules/:ruleId/try',
    access: 'campaigns.read',
    once: { none: 'It changes nothing' },
    params,
    body: z.strictObject({
      conversationId: uuid(),
      text: characters(4096).nullable().default(null).describe("Words of a message; null: the customer's last one"),
    }),
    responses: { 200: z.object({ matched: z.boolean(), conditions: conditionResult.nullable() }) },
    audit: { none: 'It changes nothing' },
    summary:
      'Which conditions of a rule hold for a conversation now (campaigns.read, chats.read, messages.read and contacts.read). Nothing is done',
  }),
  listRuleRuns: route({
    method: 'GET',
    path: '/rule-runs',
    access: 'campaigns.read',
    query: z.strictObject({ ...walkQuery, ruleId: uuid().optional(), conversationId: uuid().optional() }),
    responses: { 200: walked(ruleRun).extend({ totalIsCapped: totalIsCapped('up to 10,000') }) },
    summary: 'The log of rules that ran, the last first; kept 90 days (campaigns.read)',
  }),
  listMacros: route({
    method: 'GET',
    path: '/macros',
    access: 'chats.read',
    responses: { 200: z.object({ items: z.array(macro).max(2 * MAX_MACROS) }) },
    summary: 'The macros of all and those of the caller, by name (chats.read)',
  }),
  createMacro: route({
    method: 'POST',
    path: '/macros',
    access: 'chats.update',
    once: true,
    body: z.strictObject({ ...macroFields, isShared: z.boolean().default(false) }),
    responses: { 201: macro },
    audit: 'macro.create',
    summary: `Make a macro (chats.update); one of all takes campaigns.update. More than ${MAX_MACROS} of all, or of the user: 409`,
  }),
  updateMacro: route({
    method: 'PATCH',
    path: '/macros/:macroId',
    access: 'chats.update',
    params: macroParams,
    body: z.strictObject(macroFields).partial().refine(oneOrMore, withCode('no_fields')),
    responses: { 200: macro },
    audit: 'macro.update',
    summary: 'Change a macro (chats.update); one of all takes campaigns.update',
  }),
  deleteMacro: route({
    method: 'DELETE',
    path: '/macros/:macroId',
    access: 'chats.update',
    params: macroParams,
    responses: { 204: z.null() },
    audit: 'macro.delete',
    summary: 'Delete a macro (chats.update); one of all takes campaigns.update',
  }),
  runMacro: route({
    method: 'POST',
    path: '/conversations/:conversationId/macros/:macroId',
    access: 'chats.read',
    once: { none: 'Replies and notes keep the key of the call; the other actions change nothing when repeated' },
    params: z.strictObject({ conversationId: uuid(), macroId: uuid() }),
    responses: { 200: z.object({ macroId: uuid(), actions: z.array(actionResult) }) },
    audit: { none: 'Each action has its own line' },
    deadlineMs: 30_000,
    summary: 'Run the actions of a macro as the caller, with their permissions. One that fails ends no other',
  }),
};

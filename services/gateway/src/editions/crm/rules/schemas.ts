import {
  ACTION_STATUSES,
  isoTime,
  oneOrMore,
  RULE_EVENTS,
  RUN_STATUSES,
  rule as r,
  uuid,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { pageQuery, person } from '../common/schemas.ts';

const f = r.shape;
export const actions = f.actions.describe('En este orden; una que falla no detiene a las demás');
const fields = {
  name: f.name,
  enabled: f.enabled,
  event: f.event.describe('Cuándo'),
  after_seconds: f.afterSeconds.describe(
    'Solo de `customer.waiting`: cuánto lleva el cliente sin respuesta de una persona',
  ),
  conditions: f.conditions.describe('Si: null, siempre'),
  actions,
  stop: f.stop.describe('Después de ella no corre ninguna otra del mismo evento'),
};

export const createRuleBody = z.strictObject(fields).partial().required({ name: true, event: true, actions: true });
export const updateRuleBody = z.strictObject(fields).partial().refine(oneOrMore, withCode('no_fields'));
export const orderBody = z.strictObject({
  rule_ids: z.array(uuid()).max(100).describe('Las que no se nombran siguen después, en su orden'),
});
export const tryBody = z.strictObject({
  chat_id: uuid(),
  text: z.string().trim().min(1).max(4096).nullable().optional().describe('Sin él, el último mensaje del cliente'),
});

export const rule = z
  .object({
    id: uuid(),
    ...fields,
    position: z.number().int(),
    created_by: person.nullable().describe('null: una clave de API'),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'CrmRule' });

export const actionResult = z.object({
  type: z.string(),
  status: z.enum(ACTION_STATUSES),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export const runsQuery = z.object({
  rule_id: uuid().optional(),
  chat_id: uuid().optional(),
  ...pageQuery(20),
});
export const run = z
  .object({
    id: uuid(),
    rule_id: uuid(),
    event: z.enum(RULE_EVENTS),
    chat_id: uuid(),
    status: z.enum(RUN_STATUSES).describe('`cut`: habría girado en círculos'),
    actions: z.array(actionResult),
    created_at: isoTime(),
    ended_at: isoTime().nullable(),
  })
  .meta({ id: 'CrmRuleRun' });

const leaf = z.object({ type: z.string(), holds: z.boolean() });
const inner = leaf.extend({ conditions: z.array(leaf).optional() });
export const tried = z.object({
  matched: z.boolean(),
  conditions: leaf.extend({ conditions: z.array(inner).optional() }).nullable(),
});

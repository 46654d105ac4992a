import type { ActionResult, ErrorCode, Rule, RuleRun, User } from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import { personView } from '../common/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

export const ruleView = (rule: Rule, users: ReadonlyMap<string, User>): View<typeof schemas.rule> => ({
  id: rule.id,
  name: rule.name,
  enabled: rule.enabled,
  event: rule.event,
  after_seconds: rule.afterSeconds,
  conditions: rule.conditions,
  actions: rule.actions,
  stop: rule.stop,
  position: rule.position,
  created_by: rule.createdBy === null ? null : personView(users.get(rule.createdBy)),
  created_at: rule.createdAt,
  updated_at: rule.updatedAt,
});

/** Why an action was refused, in the edition's language. */
export const resultView = ({ type, status, error }: ActionResult): View<typeof schemas.actionResult> => ({
  type,
  status,
  error: error && {
    code: error.code.toUpperCase(),
    message: texts.errors[error.code as ErrorCode] ?? error.message,
  },
});

export const runView = (run: RuleRun): View<typeof schemas.run> => ({
  id: run.id,
  rule_id: run.ruleId,
  event: run.event,
  chat_id: run.conversationId,
  status: run.status,
  actions: run.actions.map(resultView),
  created_at: run.createdAt,
  ended_at: run.endedAt,
});

/** What a body sets, in the service's names. */
export const settingsOf = ({ after_seconds, ...rest }: z.output<typeof schemas.updateRuleBody>) => ({
  ...rest,
  afterSeconds: after_seconds,
});

import type { Rule, RuleRun } from '@recado/contracts';
import type { RuleRow, RuleSettings, RunRow } from './store.ts';

export const ruleView = ({ tenantId: _, authorKeyId: __, createdAt, updatedAt, ...rule }: RuleRow): Rule => ({
  ...(rule as Omit<Rule, 'createdAt' | 'updatedAt'>),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export const settingsOf = ({
  name,
  enabled,
  event,
  afterSeconds,
  conditions,
  actions,
  stop,
}: RuleRow): RuleSettings => ({
  ...{ name, enabled, event, afterSeconds, conditions, actions, stop },
});

/** What the audit log compares. Texts to customers stay out: they are no settings. */
export const auditedRule = ({ conditions, actions, ...rule }: RuleSettings) => ({
  ...rule,
  conditions: conditions === null ? null : conditions.type,
  actions: actions.map(({ type }) => type),
});

export const runView = ({ tenantId: _, createdAt, endedAt, ...run }: RunRow): RuleRun => ({
  ...run,
  createdAt: createdAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

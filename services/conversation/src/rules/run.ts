import { type AuditOrigin, type RuleAction, uuidv7 } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { isLastTry, type RunningJob } from '@recado/jobs';
import { AppError, serviceCaller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { type ActContext, act, failureOf } from './act.ts';
import { isOfEndedKey, switchOff } from './author.ts';
import { explain } from './conditions.ts';
import { type RuledChat, readFacts } from './facts.ts';
import { rulesJob } from './job.ts';
import { claimRun, countRuns, patchRun, type RuleRow, type RunRow, selectRulesOf } from './store.ts';

/** Rules in a row, each the effect of the one before. */
const MAX_HOPS = 5;
/** Runs of one rule in one conversation within an hour: beyond, something answers it each time. */
const MAX_RUNS = 20;
const HOUR_MS = 3_600_000;

type Job = RunningJob<ReturnType<(typeof rulesJob)['schema']['parse']>>;

/** Runs the rules of an event in their order. Each sees what those before it did. */
export async function runRules(deps: Deps, job: Job): Promise<void> {
  const { tenantId, data } = job;
  const rules = await withTenant(deps.db, tenantId, (tx) => selectRulesOf(tx, tenantId, data.event));
  for (const rule of rules.filter(({ id }) => data.ruleId === null || id === data.ruleId)) {
    if (job.signal.aborted) throw job.signal.reason;
    const chat = await withTenant(deps.db, tenantId, (tx) =>
      readFacts(tx, tenantId, data.conversationId, deps.now(), data.messageId),
    );
    if (chat === null) return;
    if (rule.conditions !== null && !explain(rule.conditions, chat.facts).holds) continue;
    const run = await claim(deps, job, rule);
    if (run.status === 'running') await actFor(deps, job, rule, run, chat);
    if (rule.stop) return;
    job.progress({});
  }
}

/** Once for a rule and an event. One that goes round in circles is cut, and the log says so. */
function claim(deps: Deps, { tenantId, data }: Job, rule: RuleRow): Promise<RunRow> {
  const { eventId, event, conversationId, cause } = data;
  return withTenant(deps.db, tenantId, async (tx) => {
    const since = new Date(deps.now().getTime() - HOUR_MS);
    const run = { tenantId, id: uuidv7(), ruleId: rule.id, eventId, event, conversationId };
    const isCircle =
      cause.includes(rule.id) || cause.length >= MAX_HOPS || (await countRuns(tx, run, since)) >= MAX_RUNS;
    return claimRun(tx, { ...run, status: isCircle ? 'cut' : 'running' });
  });
}

/** A rule of an API key that ended does nothing any more, and is switched off. */
async function actFor(deps: Deps, job: Job, rule: RuleRow, run: RunRow, chat: RuledChat): Promise<void> {
  const { tenantId } = job;
  const isEnded = await isOfEndedKey(deps, rule);
  if (!isEnded) return finish(deps, job, rule, run, chat);
  const actions = await switchOff(deps, rule, originOf(tenantId, []));
  await withTenant(deps.db, tenantId, (tx) => patchRun(tx, { tenantId, id: run.id, status: 'failed', actions }));
}

/** Performs what is left of a run: a process may have died in it. */
async function finish(deps: Deps, job: Job, rule: RuleRow, run: RunRow, chat: RuledChat): Promise<void> {
  const { tenantId, data } = job;
  const { conversationId, event, cause } = data;
  const { channelId, contactId } = chat;
  const by = {
    caller: serviceCaller('conversation', tenantId),
    origin: originOf(tenantId, [...cause, rule.id]),
    context: { caller: serviceCaller('conversation', tenantId) },
    ...{ conversationId, channelId, contactId },
    runKey: `rule:${run.id}`,
    fired: { ruleId: rule.id, macroId: null, event },
  };
  const actions = [...run.actions];
  const note = (status: RunRow['status']) =>
    withTenant(deps.db, tenantId, (tx) => patchRun(tx, { tenantId, id: run.id, status, actions }));
  while (actions.length < rule.actions.length) {
    actions.push(await actOrGiveUp(deps, job, by, rule.actions[actions.length]!, actions.length));
    if (actions.length < rule.actions.length) await note('running');
  }
  await note(actions.some(({ status }) => status === 'failed') ? 'failed' : 'done');
}

/** What waits for another service until the last try has failed: else the run never ends. */
async function actOrGiveUp(deps: Deps, job: Job, by: ActContext, action: RuleAction, index: number) {
  try {
    return await act(deps, by, action, index);
  } catch (error) {
    if (!(error instanceof AppError) || !isLastTry(rulesJob, job)) throw error;
    return failureOf(action.type, error);
  }
}

/** Effects say which rules they come from: those do not run for them again. */
const originOf = (tenantId: string, cause: readonly string[]): AuditOrigin => ({
  tenantId,
  actor: { kind: 'service', userId: null, apiKeyId: null, service: 'conversation' },
  ...{ ip: null, userAgent: null, edition: null, requestId: null },
  cause: [...cause],
});

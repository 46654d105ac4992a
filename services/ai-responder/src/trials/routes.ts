import { aiResponderApi, type RouteInput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { AppError, serve, TooManyRequests, Unavailable } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { defaultConfig } from '../configs/defaults.ts';
import { requireOffered } from '../configs/require-offered.ts';
import { zoneOf } from '../configs/rules.ts';
import { ensureConfig } from '../configs/store.ts';
import type { Deps } from '../deps.ts';
import { failureOf } from '../model/failure.ts';
import { limitHistory, type PromptMessage, replyText, systemPrompt } from '../replies/prompt.ts';
import { budgetOf, dayOf, isSpent, secondsUntilRefill } from '../usage/rules.ts';
import { addUsage, findUsage } from '../usage/store.ts';

/** The gateway waits longer than both turns and the model's answer take. */
const TURN_MS = 2000;

/** `POST /test`: what the AI would answer. Costs tokens, and works while the AI is off. */
export function trialRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, aiResponderApi.test, async ({ caller, body }) =>
    inTurn(deps, caller.tenantId, () => tryOut(deps, caller.tenantId, body)),
  );
}

/**
 * One trial of a tenant after the other, and few of all tenants at once.
 * @throws TooManyRequests when its turn does not come in time
 */
async function inTurn<T>(deps: Deps, tenantId: string, work: () => Promise<T>): Promise<T> {
  const { byTenant, all } = deps.trials;
  const busy = () => new TooManyRequests(TURN_MS / 1000, 'Too many trials at this moment');
  const end = await byTenant.take(tenantId, 1, TURN_MS);
  if (!end) throw busy();
  try {
    const leave = await all.take('all', deps.config.RECADO_AI_TRIALS, TURN_MS);
    if (!leave) throw busy();
    try {
      return await work();
    } finally {
      leave();
    }
  } finally {
    end();
  }
}

async function tryOut(deps: Deps, tenantId: string, body: RouteInput<typeof aiResponderApi.test>['body']) {
  const now = deps.now();
  const fallback = deps.config.RECADO_DEFAULT_TIMEZONE;
  await deps.tenants.ensure(tenantId);
  const { config, budget, usage, zone } = await withTenant(deps.db, tenantId, async (tx) => {
    const config = await ensureConfig(tx, tenantId, defaultConfig(fallback, deps.config.RECADO_AI_MODELS));
    const zone = zoneOf(config, fallback);
    const { plan } = (await deps.tenants.get(tx, [tenantId])).get(tenantId)!;
    const budget = budgetOf(config.limits, plan);
    return { config, budget, zone, usage: await findUsage(tx, tenantId, now, zone) };
  });
  requireOffered(deps, config.model);
  if (isSpent(usage, budget)) {
    throw new TooManyRequests(secondsUntilRefill(usage, budget, now, zone), 'The token budget is spent');
  }
  const { temperature, maxTokens, contextWindow } = config.settings;
  const messages: PromptMessage[] = [
    { role: 'system', content: systemPrompt(config) },
    ...limitHistory([...contextTurns(body.context), { role: 'user', content: body.message }], contextWindow),
  ];
  const started = performance.now();
  const { text, tokensUsed } = await deps.model
    .complete({ model: config.model, messages, temperature, maxTokens })
    .catch((error) => {
      throw answerOf(error);
    });
  const processingTime = Math.round(performance.now() - started);
  await withTenant(deps.db, tenantId, (tx) => addUsage(tx, tenantId, dayOf(now, zone).day, tokensUsed));
  deps.metrics.tokens.inc(tokensUsed);
  return {
    response: replyText(text, ''),
    metadata: { model: config.model, tokensUsed, processingTime, temperature },
  };
}

/** The context's turns: the customer's first, then in turn. */
function contextTurns(context: readonly string[]): PromptMessage[] {
  return context.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
}

/** 503 when the model is busy and asks to come back, 502 when it fails or is out of reach. */
function answerOf(error: unknown): AppError {
  const failure = failureOf(error);
  if (failure.kind === 'busy') return new Unavailable('model', failure);
  return new AppError('bad_gateway', failure.message, { entity: 'model', cause: failure });
}

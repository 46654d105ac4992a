import { aiResponderApi } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { AppError, requirePermission, serve, TooManyRequests, Unavailable } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { defaultConfig } from '../configs/defaults.ts';
import { zoneOf } from '../configs/rules.ts';
import { ensureConfig } from '../configs/store.ts';
import type { Deps } from '../deps.ts';
import { failureOf } from '../model/failure.ts';
import { limitHistory, type PromptMessage, replyText, systemPrompt } from '../replies/prompt.ts';
import { dayOf, isSpent, secondsUntilRefill } from '../usage/rules.ts';
import { addUsage, findUsage } from '../usage/store.ts';

/** `POST /test`: what the AI would say. It costs tokens like any call, and needs no AI switched on. */
export function trialRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, aiResponderApi.test, async ({ caller, body }) => {
    requirePermission(caller, 'ai.read');
    const { tenantId } = caller;
    const now = deps.now();
    const fallback = deps.config.RECADO_DEFAULT_TIMEZONE;
    const { config, usage, zone } = await withTenant(deps.db, tenantId, async (tx) => {
      const config = await ensureConfig(tx, tenantId, defaultConfig(fallback));
      const zone = zoneOf(config, fallback);
      return { config, zone, usage: await findUsage(tx, tenantId, now, zone) };
    });
    if (isSpent(usage, config.limits)) {
      throw new TooManyRequests(secondsUntilRefill(usage, config.limits, now, zone), 'The token budget is spent');
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
  });
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

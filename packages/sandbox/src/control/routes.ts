import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { behaviourPatchSchema } from '../behaviour.ts';
import type { LedgerKind } from '../ledger/rows.ts';
import { ledgerKinds } from '../ledger/rows.ts';
import { countSends } from '../ledger/sends.ts';
import { customerMessage } from '../meta/customers.ts';
import type { MetaNumber } from '../meta/numbers.ts';
import type { WebhookItem } from '../meta/payload.ts';
import { applyTemplateEvent } from '../meta/template-news.ts';
import { registrationOf } from '../meta/verification.ts';
import type { WebhookEnd } from '../meta/webhooks.ts';
import type { SandboxParts } from '../parts.ts';
import { ControlError, parse } from './errors.ts';
import { startFlood } from './flood.ts';
import { groupRoutes } from './group-routes.ts';
import * as schemas from './schemas.ts';
import { sessionRoutes } from './session-routes.ts';
import { type Verification, verifyWebhook } from './verify.ts';

export interface SandboxState {
  seed: string;
  behaviour: ReturnType<SandboxParts['behaviour']>;
  numbers: Omit<
    MetaNumber,
    'accessToken' | 'appSecret' | 'verifyToken' | 'signupCode' | 'registeredPin' | 'registration'
  >[];
  ledger: ReturnType<SandboxParts['ledger']['counts']>;
  webhooks: { pending: number; failing: ReturnType<SandboxParts['webhooks']['failing']> };
  /** Statuses, retries and held-back items that wait for their time. */
  timers: number;
  floods: ReturnType<SandboxParts['floods']['list']>;
  mediaBytes: number;
  /** Upload sessions that were begun for examples of templates. */
  exampleUploads: number;
}

export interface NumberAnswer {
  number: SandboxState['numbers'][number];
  verification: Verification | null;
}

const shown = ({
  accessToken: _a,
  appSecret: _s,
  verifyToken: _v,
  signupCode: _c,
  registeredPin: _p,
  registration: _n,
  ...rest
}: MetaNumber): SandboxState['numbers'][number] => rest;

/** `/_control/…`: what tests, benches and demos steer the sandbox by. */
export function controlRoutes(parts: SandboxParts, controlToken: string | undefined) {
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((error, _request, reply) => {
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
      const code = error instanceof ControlError ? error.code : status < 500 ? 'bad_request' : 'internal';
      const message = error instanceof Error ? error.message : String(error);
      const details = error instanceof ControlError ? error.details : undefined;
      return reply.status(status).send({ error: { code, message, ...(details ? { details } : {}) } });
    });
    app.addHook('onRequest', async (request) => {
      if (controlToken !== undefined && !sameSecret(bearerOf(request), controlToken)) {
        throw new ControlError(401, 'unauthorized', 'The control API needs its token as a bearer.');
      }
    });
    const numberOf = (id: string): MetaNumber => {
      const number = parts.numbers.find(id);
      if (!number) throw new ControlError(404, 'not_found', `No number ${id} is registered.`);
      return number;
    };

    app.post('/numbers', async (request, reply) => {
      const { verify, codeVerificationStatus, status: standing, ...given } = parse(schemas.numberSchema, request.body);
      const registered = codeVerificationStatus !== 'NOT_VERIFIED';
      const registration = { status: codeVerificationStatus, registered, code: null, asked: [] };
      const number: MetaNumber = { ...given, standing, registration };
      const verification = verify ? await verifyWebhook(given) : null;
      if (verification && !verification.ok) {
        // As at Meta, a webhook that does not answer the challenge is not set.
        throw new ControlError(
          422,
          'verification_failed',
          `The webhook did not answer the challenge: ${verification.reason}`,
        );
      }
      parts.numbers.put(number);
      parts.templates.ensureHelloWorld(number.wabaId);
      return reply.status(201).send({ number: shown(number), verification } satisfies NumberAnswer);
    });
    app.get('/numbers/:id/code', async (request) => {
      const { code } = registrationOf(numberOf((request.params as { id: string }).id));
      if (!code) throw new ControlError(404, 'not_found', 'No code waits to be typed.');
      return code;
    });
    app.get('/numbers', async () => ({ items: parts.numbers.list().map(shown) }));
    app.delete('/numbers/:id', async (request, reply) => {
      const { id } = request.params as { id: string };
      if (!parts.numbers.remove(numberOf(id).phoneNumberId))
        throw new ControlError(404, 'not_found', `No number ${id}.`);
      return reply.status(204).send();
    });

    app.post('/customer-messages', async (request, reply) => {
      const { phoneNumberId, wait, ...message } = parse(schemas.customerSaysSchema, request.body);
      const number = numberOf(phoneNumberId);
      refuseWhenFull(parts);
      const item = customerMessage(parts, number, message);
      if (!wait) {
        parts.webhooks.push(phoneNumberId, item);
        return reply.status(202).send({ id: item.key, delivery: null });
      }
      const delivery = await parts.webhooks.pushTogether(number, [item], 1);
      return reply.status(200).send({ id: item.key, delivery });
    });
    app.post('/customer-batches', async (request, reply) => {
      const input = parse(schemas.customerBatchSchema, request.body);
      const number = numberOf(input.phoneNumberId);
      refuseWhenFull(parts);
      const messages = input.messages.map((message) => customerMessage(parts, number, message));
      const items: WebhookItem[] = [
        ...messages,
        ...input.statuses.map((status) => ({
          kind: 'status' as const,
          key: `${String(status.id)}:${String(status.status)}`,
          status: { timestamp: String(Math.floor(Date.now() / 1000)), ...status },
        })),
        ...input.fields.map(({ field, value }) => ({ kind: 'field' as const, key: field, field, value })),
      ];
      const ends = Array.from({ length: input.repeat }, (_, nth) =>
        parts.webhooks.pushTogether(number, items, input.itemsPerChange, {
          signature: input.signature,
          retry: input.retry,
          repeat: nth > 0,
        }),
      );
      const deliveries: WebhookEnd[] | null = input.wait ? await Promise.all(ends) : null;
      return reply.status(input.wait ? 200 : 202).send({ ids: messages.map((item) => item.key), deliveries });
    });
    app.post('/webhooks', async (request, reply) => {
      const { phoneNumberId, body, wait, signature, retry } = parse(schemas.rawWebhookSchema, request.body);
      const end = parts.webhooks.post(numberOf(phoneNumberId), body, ['raw'], { signature, retry });
      return reply.status(wait ? 200 : 202).send({ delivery: wait ? await end : null });
    });

    app.post('/template-events', async (request, reply) => {
      const event = parse(schemas.templateEventSchema, request.body);
      const template = parts.templates.find(event.wabaId, event.name, event.language);
      if (!template) throw new ControlError(404, 'not_found', `No template ${event.name} in ${event.language}.`);
      applyTemplateEvent(parts, template, event);
      return reply.status(202).send({ id: template.id });
    });

    app.post('/flood', async (request, reply) => {
      const input = parse(schemas.floodSchema, request.body);
      return reply.status(202).send(startFlood(parts, numberOf(input.phoneNumberId), input));
    });
    app.get('/flood/:id', async (request) => {
      const { id } = request.params as { id: string };
      const flood = parts.floods.find(id);
      if (!flood) throw new ControlError(404, 'not_found', `No flood ${id}.`);
      return flood;
    });
    app.delete('/flood/:id', async (request, reply) => {
      const { id } = request.params as { id: string };
      if (!parts.floods.stop(id)) throw new ControlError(404, 'not_found', `No flood ${id}.`);
      return reply.status(204).send();
    });

    sessionRoutes(parts, app);
    groupRoutes(parts, app);
    app.put('/behaviour', async (request) => parts.changeBehaviour(parse(behaviourPatchSchema, request.body)));
    app.get('/behaviour', async () => parts.behaviour());
    app.post('/ai/script', async (request, reply) => {
      parts.script.add(parse(schemas.scriptSchema, request.body));
      return reply.status(201).send({ waiting: parts.script.size() });
    });
    app.delete('/ai/script', async (_request, reply) => {
      parts.script.clear();
      return reply.status(204).send();
    });

    app.get('/mails', async (request) => ({
      items: parts.mails.list(parse(schemas.mailQuerySchema, request.query).to),
    }));
    app.delete('/mails', async (_request, reply) => {
      parts.mails.clear();
      return reply.status(204).send();
    });

    app.put('/receivers/:name', async (request, reply) => {
      const { name } = request.params as { name: string };
      parts.receivers.plan(name, parse(schemas.receiverPlanSchema, request.body));
      return reply.status(204).send();
    });
    app.get('/receivers/:name', async (request) => {
      const { name } = request.params as { name: string };
      return { items: parts.receivers.list(name) };
    });

    app.get('/ledger/sends', async (request) => {
      const { since: _s, limit: _l, ...where } = parse(schemas.ledgerQuerySchema, request.query);
      return { items: countSends(parts.ledger, where as Record<string, string>) };
    });
    app.get('/ledger/:kind', async (request) => {
      const { kind } = request.params as { kind: string };
      if (!(ledgerKinds as readonly string[]).includes(kind)) {
        throw new ControlError(404, 'not_found', `There are ${ledgerKinds.join(', ')}, not ${kind}.`);
      }
      const { since, limit, ...where } = parse(schemas.ledgerQuerySchema, request.query);
      return parts.ledger.page(kind as LedgerKind, { since, limit, where: where as Record<string, string> });
    });
    app.delete('/ledger', async (_request, reply) => {
      parts.ledger.clear();
      return reply.status(204).send();
    });
    app.get('/media', async () => ({
      items: parts.media.list().map(({ data, ...media }) => ({ ...media, size: data.length })),
    }));
    app.get(
      '/state',
      async (): Promise<SandboxState> => ({
        seed: parts.dice.seed(),
        behaviour: parts.behaviour(),
        numbers: parts.numbers.list().map(shown),
        ledger: parts.ledger.counts(),
        webhooks: { pending: parts.webhooks.pending() + parts.events.pending(), failing: parts.webhooks.failing() },
        timers: parts.timers.count(),
        floods: parts.floods.list(),
        mediaBytes: parts.media.bytes(),
        exampleUploads: parts.exampleUploads.started(),
      }),
    );
    app.post('/reset', async (request, reply) => {
      await parts.reset(parse(schemas.resetSchema, request.body));
      return reply.status(204).send();
    });
  };
}

function refuseWhenFull(parts: SandboxParts): void {
  if (parts.webhooks.pending() >= parts.maxPending) {
    throw new ControlError(429, 'too_many_pending', 'Too many webhooks wait for their receiver.');
  }
}

const bearerOf = (request: FastifyRequest): string =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

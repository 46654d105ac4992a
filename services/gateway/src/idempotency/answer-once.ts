import { AppError, Conflict, Counter, type Registry } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../auth/verify-token.ts';
import type { EditionFormat } from '../edge/edition-format.ts';
import { errorAnswer } from '../edge/errors.ts';
import { fingerprintOf, namesOf } from './key.ts';
import type { KeptAnswer } from './sealed-answer.ts';
import type { IdempotencyStore, Lease } from './store.ts';

export interface AnswerOnce {
  /**
   * Handles the first request of a key and keeps its answer; repeats get that answer. A 5xx or 429
   * is forgotten, so a repeat is a new try.
   * @throws AppError: 409 while the first is in flight, 422 for another request, 503 without Redis
   */
  answer(asked: Asked, handle: (callKey: string) => Promise<unknown>): Promise<FastifyReply>;
}

export interface Asked {
  edition: EditionFormat;
  principal: Principal;
  key: string;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Characters of an answer that is kept; ours have a few thousand. */
const MAX_KEPT = 64 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

export function createAnswerOnce(store: IdempotencyStore, registry: Registry): AnswerOnce {
  const outcomes = new Counter({
    name: 'recado_idempotency_total',
    help: 'Requests with an Idempotency-Key, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  });

  return {
    async answer({ edition, principal, key, request, reply }, handle) {
      const names = namesOf(principal, request.method, request.routeOptions.url ?? request.url, key);
      const claim = await store.claim(principal.caller.tenantId, names, fingerprintOf(request));
      outcomes.inc({ outcome: claim.state.replace(' ', '_') });
      switch (claim.state) {
        case 'in flight':
          throw new AppError('idempotency_in_flight', 'The first request is under way', { retryAfter: 1 });
        case 'other request':
          throw new AppError('idempotency_mismatch', 'This key stands for another request');
        case 'answered':
          return replay(claim.answer, reply);
        case 'ours':
          return settle(claim.lease, edition, request, reply, () => handle(names.scope));
      }
    },
  };
}

async function settle(
  lease: Lease,
  edition: EditionFormat,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: () => Promise<unknown>,
): Promise<FastifyReply> {
  let answered: unknown;
  try {
    answered = await handle();
  } catch (error) {
    const said = errorAnswer(edition, error, request);
    if (said.status >= 500 || said.status === 429) await lease.release();
    else await lease.keep({ status: said.status, contentType: JSON_TYPE, body: JSON.stringify(said.body) });
    // The error handler says it, with its log line and headers.
    throw error;
  }
  const body = reply.sent ? null : textOf(answered);
  if (body === null || reply.statusCode >= 500) {
    await lease.release();
    return reply.sent ? reply : reply.send(answered);
  }
  const given = reply.getHeader('content-type');
  const contentType = typeof given === 'string' ? given : typeof answered === 'string' ? TEXT_TYPE : JSON_TYPE;
  await lease.keep({ status: reply.statusCode, contentType, body: body.length <= MAX_KEPT ? body : null });
  return send(reply, contentType, body);
}

/** As it goes over the wire; null for streams and bytes. */
function textOf(answer: unknown): string | null {
  if (answer === undefined || answer === null) return '';
  if (typeof answer === 'string') return answer;
  const plain = Array.isArray(answer) || Object.getPrototypeOf(answer) === Object.prototype;
  return plain ? JSON.stringify(answer) : null;
}

function replay({ status, contentType, body }: KeptAnswer, reply: FastifyReply): FastifyReply {
  // It was done, and is not done again; what came of it can be read where it now is.
  if (body === null) throw new Conflict('This was done; its answer was too long to be kept');
  return send(reply.code(status).header('idempotency-replayed', 'true'), contentType, body);
}

const send = (reply: FastifyReply, contentType: string, body: string) =>
  body === '' ? reply.send() : reply.type(contentType).send(body);

import type { ErrorCode, FieldError } from '@recado/contracts';
import { type AppError, toAppError } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { EdgeError, Edition } from './edition.ts';

/** Any thrown value as this edition says it: its status, its language, nothing of our insides. */
export function toEdgeError(edition: Edition, thrown: unknown): EdgeError & { retryAfter: number | null } {
  const error = toAppError(thrown);
  return {
    status: edition.statuses?.[error.status] ?? error.status,
    code: error.code,
    message: sentence(edition, error),
    details: error.details ? error.details.map((detail) => translate(edition, detail)) : null,
    entity: error.entity ?? null,
    retryAfter: error.retryAfter ?? null,
  };
}

/** Answers with the edition's error body; what is our fault goes to the log with its cause. */
export function sendError(
  edition: Edition,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
) {
  const error = toEdgeError(edition, thrown);
  if (error.status >= 500) {
    const fields = { requestId: request.id, method: request.method, route: request.routeOptions?.url };
    // 503 is a dependency away, seen by its own metrics: one line. A 500 is a defect: the whole story.
    if (error.status === 500) log.error({ err: thrown, ...fields }, 'a request failed');
    else log.warn({ reason: reasonOf(thrown), ...fields }, 'a request could not be served');
  }
  if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(error.status)
    .header('x-request-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(edition.errorBody(error)));
}

function reasonOf(thrown: unknown): string {
  const { message, cause } = thrown as Partial<Error>;
  return cause instanceof Error ? `${message}: ${cause.message}` : String(message);
}

function sentence(edition: Edition, error: AppError): string {
  const { language, texts } = edition;
  const { code, entity } = error;
  if (code === 'not_found' && entity && language.notFound[entity]) return language.notFound[entity];
  if (code === 'conflict' && entity && language.conflict[entity]) return language.conflict[entity];
  return texts?.[code] ?? language.errors[code];
}

/** Fields checked at the edge are already in the edition's words; a service's carry zod's code and parameters to translate by. */
function translate(edition: Edition, detail: FieldError): { field: string; message: string } {
  const { field, message, code, params } = detail;
  if (code === undefined) return { field, message: edition.language.messages[message] ?? message };
  const name = edition.fieldName?.(field) ?? field;
  const fixed = edition.language.codes[code];
  if (fixed) return { field: name, message: fixed };
  const known = edition.language.messages[message] ?? edition.language.errors[code as ErrorCode];
  if (known) return { field: name, message: known };
  const issue = { code, message, path: [], ...params } as unknown as Parameters<Edition['language']['issue']>[0];
  return { field: name, message: edition.language.issue(issue) };
}

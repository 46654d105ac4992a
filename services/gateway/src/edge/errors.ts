import type { FieldError } from '@recado/contracts';
import { type AppError, toAppError } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Issue } from '../languages/language.ts';
import { drain } from './drain.ts';
import type { EdgeError, EditionVoice } from './edition-voice.ts';
import { SAID } from './validation.ts';

/** Any thrown value as this edition says it: its status, its language, nothing of our insides. */
export function toEdgeError(
  edition: EditionVoice,
  thrown: unknown,
  fields: Record<string, string> = {},
): EdgeError & { retryAfter: number | null } {
  const error = toAppError(thrown);
  return {
    status: edition.statuses?.[error.status] ?? error.status,
    code: error.code,
    message: sentence(edition, error),
    details: error.details ? error.details.map((detail) => translate(edition, detail, fields)) : null,
    entity: error.entity ?? null,
    challengeToken: error.challengeToken ?? null,
    retryAfter: error.retryAfter ?? null,
  };
}

/** The status and body an error is answered with. */
export function errorAnswer(
  edition: EditionVoice,
  thrown: unknown,
  request: FastifyRequest,
): { status: number; body: unknown } {
  const error = toEdgeError(edition, thrown, request.routeOptions?.config?.fields);
  return { status: error.status, body: edition.errorBody(error) };
}

/** Answers with the edition's error body; what is our fault goes to the log with its cause. */
export function sendError(
  edition: EditionVoice,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
) {
  const error = toEdgeError(edition, thrown, request.routeOptions?.config?.fields);
  if (error.status >= 500) {
    const fields = { requestId: request.id, method: request.method, route: request.routeOptions?.url };
    // 503 is a dependency away, seen by its own metrics: one line. A 500 is a defect: the whole story.
    if (error.status === 500) log.error({ err: thrown, ...fields }, 'a request failed');
    else log.warn({ reason: reasonOf(thrown), ...fields }, 'a request could not be served');
  }
  if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(error.status)
    .header('x-request-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8');
  const body = JSON.stringify(edition.errorBody(error));
  if (error.code === 'payload_too_large') return drain(request.raw).then(() => reply.send(body));
  return reply.send(body);
}

function reasonOf(thrown: unknown): string {
  const { message, cause } = thrown as Partial<Error>;
  return cause instanceof Error ? `${message}: ${cause.message}` : String(message);
}

function sentence(edition: EditionVoice, error: AppError): string {
  const { language, texts } = edition;
  const { code, entity } = error;
  if (code === 'not_found' && entity && language.notFound[entity]) return language.notFound[entity];
  if (code === 'conflict' && entity && language.conflict[entity]) return language.conflict[entity];
  return texts?.[code] ?? language.errors[code];
}

/**
 * Fields checked at the edge are already in the edition's words; a service's carry a code (zod's with its parameters, or one of ours) to
 * translate by. What can't be translated gets the general sentence: no English in a Spanish answer.
 */
function translate(
  edition: EditionVoice,
  detail: FieldError,
  fields: Record<string, string>,
): { field: string; message: string } {
  const { field, message, code = '', params } = detail;
  if (code === SAID) return { field, message };
  const { language } = edition;
  // A client names its keys as it likes: `constructor` is one too.
  const head = field.split('.', 1)[0]!;
  const own = (key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  // What a list or object is called, its items are too.
  const name = own(field) ?? (own(head) ? own(head) + field.slice(head.length) : (edition.fieldName?.(field) ?? field));
  const wording = language.codes[code] ?? language.messages[message];
  if (wording) return { field: name, message: wording };
  if (!ZOD_CODES.has(code)) return { field: name, message: language.invalid };
  return { field: name, message: language.issue({ code, path: [], ...params } as unknown as Issue) };
}

const ZOD_CODES = new Set([
  'invalid_type',
  'too_small',
  'too_big',
  'invalid_format',
  'invalid_value',
  'not_multiple_of',
  'invalid_union',
  'invalid_key',
  'invalid_element',
]);

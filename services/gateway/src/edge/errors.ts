import { CUSTOM_FIELD, type FieldError } from '@recado/contracts';
import { type AppError, toAppError } from '@recado/service-kit';
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { importFieldName } from '../imports/fields.ts';
import { fillSentence, findSentence, type Issue, issueText } from '../languages/language.ts';
import type { EdgeError, EditionFormat } from './edition-format.ts';
import { drain } from './server/drain.ts';
import { InvalidRequest } from './validation.ts';

/** Any thrown value as this edition says it: its status, its language, nothing of our insides. */
export function toEdgeError(
  edition: EditionFormat,
  thrown: unknown,
  { fields = {}, upload = false }: Pick<FastifyContextConfig, 'fields' | 'upload'> = {},
): EdgeError & { retryAfter: number | null } {
  const error = toAppError(thrown);
  return {
    status: edition.statuses?.[error.status] ?? error.status,
    code: error.code,
    message: sentence(edition, error, upload),
    details: error.details ? detailsOf(edition, error, error.details, fields) : null,
    entity: error.entity ?? null,
    challengeToken: error.challengeToken ?? null,
    retryAfter: error.retryAfter ?? null,
  };
}

/** The status and body an error is answered with. */
export function errorAnswer(
  edition: EditionFormat,
  thrown: unknown,
  request: FastifyRequest,
): { status: number; body: unknown } {
  const error = toEdgeError(edition, thrown, request.routeOptions?.config);
  return { status: error.status, body: edition.errorBody(error) };
}

/** Answers with the edition's error body; what is our fault goes to the log with its cause. */
export function sendError(
  edition: EditionFormat,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
) {
  const error = toEdgeError(edition, thrown, request.routeOptions?.config);
  if (error.status >= 500) {
    const fields = { requestId: request.id, method: request.method, route: request.routeOptions?.url };
    // 503 is a dependency away, seen by its own metrics: one line. A 500 is a defect: the whole
    // story.
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

function sentence({ texts }: EditionFormat, { code, entity }: AppError, upload: boolean): string {
  if (code === 'not_found') return findSentence(texts.notFound, entity) ?? texts.errors.not_found;
  if (code === 'conflict') return findSentence(texts.conflict, entity) ?? texts.errors.conflict;
  if (code === 'unsupported_media_type' && upload) return texts.formExpected;
  return texts.errors[code];
}

function detailsOf(
  edition: EditionFormat,
  error: AppError,
  details: readonly FieldError[],
  fields: Record<string, string>,
): { field: string; message: string }[] {
  if (error instanceof InvalidRequest) return details.map(({ field, message }) => ({ field, message }));
  return details.map((detail) => ({ field: fieldName(edition, detail, fields), message: fieldText(edition, detail) }));
}

/** A service's field name as the route spells it. */
function fieldName(edition: EditionFormat, { field }: FieldError, fields: Record<string, string>): string {
  // A client names its keys as it likes: `constructor` is one too.
  const own = (key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  // What a list or object is called, its items are too.
  for (let end = field.length; end > 0; end = field.lastIndexOf('.', end - 1)) {
    const known = own(field.slice(0, end));
    if (known !== undefined) return known + field.slice(end);
  }
  return edition.fieldName?.(field) ?? field;
}

/** A service's code in the edition's words; the general sentence for an unknown one. */
export function fieldText(
  { texts }: Pick<EditionFormat, 'texts'>,
  { code, params }: Pick<FieldError, 'code' | 'params'>,
): string {
  const found = findSentence(texts.fields, code);
  const own = found && fillSentence(found, params);
  // Names, or the provider's own words.
  if (own) return typeof params?.said === 'string' && params.said !== '' ? `${own}: ${spoken(params.said)}` : own;
  return code && ZOD_CODES.has(code)
    ? issueText(texts, { code, path: [], ...params } as unknown as Issue)
    : texts.invalid;
}

const ZOD_CODES = new Set<string>([
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

/** A field of a mapping, as forms call it. */
const spoken = (said: string): string => (said.startsWith(CUSTOM_FIELD) ? importFieldName(said) : said);

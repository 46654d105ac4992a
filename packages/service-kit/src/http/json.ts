import type { FieldError } from '@recado/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, ValidationFailed } from './errors.ts';

const NUL = '\u0000';
/**
 * Raw, neither is JSON or UTF-8, so they come as escapes. Those of whole pairs are met too, and
 * found well.
 */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

const PROBLEMS = {
  nul: ['Must not contain NUL characters', 'Names must not contain NUL characters'],
  ill_formed: ['Must be well-formed Unicode', 'Names must be well-formed Unicode'],
} as const;

const problemOf = (text: string): keyof typeof PROBLEMS | null =>
  text.includes(NUL) ? 'nul' : text.isWellFormed() ? null : 'ill_formed';

/**
 * The places in texts and keys with a NUL character or half a surrogate pair. Postgres' text cannot
 * store NUL, its jsonb no half pairs, and schemas accept both.
 */
export function findUnstorable(value: unknown, path = '', found: FieldError[] = []): FieldError[] {
  if (typeof value === 'string') {
    const code = problemOf(value);
    if (code) found.push({ field: path || 'body', message: PROBLEMS[code][0], code });
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      const at = path ? `${path}.${key}` : key;
      const code = problemOf(key);
      if (code) found.push({ field: at.replaceAll(NUL, '').toWellFormed(), message: PROBLEMS[code][1], code });
      findUnstorable(item, at, found);
    }
  }
  return found;
}

/** @throws ValidationFailed naming each place that `findUnstorable` finds */
export function refuseUnstorable(value: unknown): void {
  const found = findUnstorable(value);
  if (found.length > 0) throw new ValidationFailed(found);
}

/**
 * Makes an app read JSON strictly: it refuses `__proto__`, `constructor.prototype`, NUL and half
 * surrogate pairs by field. An empty body is no body. Other content types get 415.
 */
export function useStrictJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request: FastifyRequest, text, done) => {
    if (text.length === 0) return done(null, undefined);
    parse(request, text, (error: Error | null, value?: unknown) => {
      if (error) return done(new AppError('malformed_json', 'The body is not valid JSON', { cause: error }), undefined);
      // One native scan spares the walk.
      const bad = text.includes('\\u') && SUSPECT.test(text) ? findUnstorable(value) : [];
      if (bad.length > 0) return done(new ValidationFailed(bad), undefined);
      done(null, value);
    });
  });
}

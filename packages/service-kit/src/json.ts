import type { FieldError } from '@recado/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, ValidationFailed } from './errors.ts';

const NUL = '\u0000';

/**
 * Every place in a value where a NUL character stands, in texts and in keys. Postgres cannot store one, and no schema
 * would notice it, so it is refused at the edge.
 */
export function findNul(value: unknown, path = '', found: FieldError[] = []): FieldError[] {
  if (typeof value === 'string') {
    if (value.includes(NUL)) {
      found.push({ field: path || 'body', message: 'Must not contain NUL characters', code: 'nul' });
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      const at = path ? `${path}.${key}` : key;
      if (key.includes(NUL)) {
        found.push({ field: at.replaceAll(NUL, ''), message: 'Names must not contain NUL characters', code: 'nul' });
      }
      findNul(item, at, found);
    }
  }
  return found;
}

/**
 * Makes an app read JSON strictly: an empty body is no body, `__proto__` and `constructor.prototype` are refused, and so are NUL
 * characters, by the name of their field. Any other content type is left to 415.
 */
export function useStrictJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request: FastifyRequest, text, done) => {
    if (text.length === 0) return done(null, undefined);
    parse(request, text, (error: Error | null, value?: unknown) => {
      if (error) return done(new AppError('malformed_json', 'The body is not valid JSON', { cause: error }), undefined);
      // A raw NUL is not JSON, so only its escape can stand here: one native scan spares the walk.
      const nul = text.includes('\\u0000') ? findNul(value) : [];
      if (nul.length > 0) return done(new ValidationFailed(nul), undefined);
      done(null, value);
    });
  });
}

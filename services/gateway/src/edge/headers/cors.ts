import cors from '@fastify/cors';
import { Forbidden } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { originAllowed } from './origins.ts';

/** What a browser may ask with, beyond what it always may. */
const REQUEST_HEADERS = [
  'Content-Type',
  'Authorization',
  'X-Requested-With',
  'X-Api-Key',
  'X-Tenant-Slug',
  'X-Request-Id',
  'Idempotency-Key',
  'traceparent',
];
/** What a page may read of an answer. */
const ANSWER_HEADERS = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'Retry-After',
  'Idempotency-Replayed',
  'Content-Disposition',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** CORS of a scope. A foreign page's preflight is refused in words, not only by what is missing. */
export async function useCors(scope: FastifyInstance, origins: (string | RegExp)[]): Promise<void> {
  scope.addHook('onRequest', (request, _reply, done) => {
    const preflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    const foreign = preflight && !originAllowed(request.headers.origin, origins);
    done(foreign ? new Forbidden('This origin is not allowed') : undefined);
  });
  await scope.register(cors, {
    // An empty list would mean "CORS is off" and answer preflights 404.
    origin: origins,
    credentials: true,
    methods: METHODS,
    allowedHeaders: REQUEST_HEADERS,
    exposedHeaders: ANSWER_HEADERS,
    maxAge: 600,
    // An OPTIONS that is no preflight is answered like one, not with a 400 in plain text.
    strictPreflight: false,
  });
}

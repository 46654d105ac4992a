import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../../config.ts';
import type { CachePolicy, RouteOptions } from '../route-options.ts';

/** Half a year, as long as the preload lists want at least. */
const HSTS = 'max-age=15552000; includeSubDomains';

/** Answers of data: nothing in them is a page, and no address is told to the next one. */
export function useSecurityHeaders(scope: FastifyInstance, config: GatewayConfig): void {
  scope.addHook('onRequest', (request, reply, done) => {
    secure(request, reply, config);
    done();
  });
}

/** The same for one answer that no hook has seen. */
export function secure(request: FastifyRequest, reply: FastifyReply, config: GatewayConfig): void {
  reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
  if (isHttps(request, config)) reply.header('strict-transport-security', HSTS);
}

/** Whether the client speaks https, to us or to a named proxy. */
export function isHttps(request: FastifyRequest, { publicUrl, trustedProxies }: GatewayConfig): boolean {
  return publicUrl.startsWith('https:') || (trustedProxies.length > 0 && request.protocol === 'https');
}

/** scheduler.md's table, for all editions. */
export const CACHE_CONTROL: Record<CachePolicy, string> = {
  dynamic: 'no-cache, must-revalidate',
  personal: 'private, max-age=300',
  none: 'no-store',
};

/** Names a request header by which answers differ, beside those that are named already. */
export function addVary(reply: FastifyReply, name: string): void {
  const known = reply.getHeader('vary');
  reply.header('vary', known ? `${String(known)}, ${name}` : name);
}

/** Says how long an answer may be kept. */
export function setCache(reply: FastifyReply, policy: CachePolicy): void {
  reply.header('cache-control', CACHE_CONTROL[policy]);
  // The next user of the same browser must not get the last one's answers.
  if (policy === 'personal') addVary(reply, 'Authorization');
}

/**
 * How long a route's answers may be kept. Open routes are log-ins, which answer tokens, and present
 * states.
 */
export const cacheOf = ({ cache, auth }: Pick<RouteOptions, 'cache' | 'auth'>): CachePolicy =>
  cache ?? (auth === 'bearer' ? 'dynamic' : 'none');

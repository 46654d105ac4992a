import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import { isShared } from '../limits/address.ts';
import { isHttps } from './headers/headers.ts';

/**
 * A log-in's data about the client beside its address: identity gives known devices their own
 * budget.
 */
export interface LoginDevice {
  device: string;
  sharedAddress: boolean;
}

const COOKIE = 'recado_device';
const MARK = /(?:^|;\s*)recado_device=([\w-]{22})(?:;|$)/;
const MARK_BYTES = 16;
const YEAR_SECONDS = 31_536_000;

const warned = new WeakSet<GatewayDeps['log']>();

/**
 * The device's mark. A browser without one gets one with this answer. It identifies no user and
 * proves nothing by itself.
 */
export function deviceOf(request: FastifyRequest, reply: FastifyReply, deps: GatewayDeps): LoginDevice {
  const { config, log } = deps;
  const sharedAddress = isShared(request.ip, config.trustedProxies);
  if (sharedAddress && !warned.has(log)) {
    warned.add(log);
    log.warn(
      'Log-ins come from a private address, and RECADO_TRUSTED_PROXIES names no proxy: they are not limited by address alone',
    );
  }
  const known = MARK.exec(request.headers.cookie ?? '')?.[1];
  if (known) return { device: known, sharedAddress };
  const device = randomBytes(MARK_BYTES).toString('base64url');
  // Frontends live on other sites: their browsers send it there only with None, which takes https.
  const site = isHttps(request, config) ? 'SameSite=None; Secure' : 'SameSite=Lax';
  reply.header('set-cookie', `${COOKIE}=${device}; Max-Age=${YEAR_SECONDS}; Path=/; HttpOnly; ${site}`);
  return { device, sharedAddress };
}

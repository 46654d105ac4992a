import { type Edition, identityApi, type Session, type Tenant } from '@recado/contracts';
import {
  AppError,
  NotFound,
  serve,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  ValidationFailed,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { accessToken } from './access-token.ts';
import { CHALLENGE, customRole, serveAccounts, TWO_FACTOR_CODE, TWO_FACTOR_EMAIL } from './fake-accounts.ts';
import type { FakeServices } from './fake-state.ts';
import { NOW, samples, tenant, user } from './samples.ts';

export const PROOF_CODE = '12345678';
export const PROOF_TOKEN = 'token-of-a-mail';

/** Of identity: what tests of the editions look at. */
export function serveIdentity(app: FastifyInstance, it: FakeServices): void {
  const session = (edition: Edition): Session => ({
    accessToken: accessToken(it, { aud: edition }),
    refreshToken: edition === 'saas' || edition === 'crm' ? 'refresh' : null,
    expiresIn: 3600,
    user,
    tenant,
  });
  serve(app, identityApi.jwks, async () => ({
    keys: [{ ...it.key.publicKey.export({ format: 'jwk' }), kid: it.key.kid, use: 'sig', alg: 'EdDSA' }],
  }));
  serve(app, identityApi.register, async ({ body }) => session(body.edition));
  serve(app, identityApi.refresh, async ({ body }) => session(body.edition));
  serveAccounts(app, session, samples);
  serve(app, identityApi.login, async ({ body }) => {
    if (body.password === 'otra-vez') throw new TooManyRequests(900, 'Too many failed log-ins');
    if (body.email === TWO_FACTOR_EMAIL && body.code !== TWO_FACTOR_CODE) {
      throw new AppError('two_factor_required', 'A second factor is required', { challengeToken: CHALLENGE });
    }
    if (body.password !== 'senha123') throw new AppError('invalid_credentials', 'Wrong e-mail or password');
    return session(body.edition);
  });
  serve(app, identityApi.checkLive, async ({ caller }) => {
    if (!it.ended) throw new Unavailable('postgres');
    if (it.ended.has(caller.sessionId ?? caller.apiKeyId ?? '')) throw new Unauthorized('The session has ended');
    return null;
  });
  serve(app, identityApi.getTenant, async ({ caller }) => {
    await it.beforeTenant();
    return {
      ...tenant,
      plan: it.plans.get(caller.tenantId) ?? tenant.plan,
      unprovedUntil: it.unproved.has(caller.tenantId) ? NOW : null,
    };
  });
  serve(app, identityApi.proveEmail, async ({ body }) => {
    if (body.code !== PROOF_CODE && body.token !== PROOF_TOKEN)
      throw new ValidationFailed([
        { field: body.code ? 'code' : 'token', message: 'Wrong or expired', code: 'email_proof' },
      ]);
    return null;
  });
  serve(app, identityApi.authenticateApiKey, async ({ body }) => {
    const found = it.apiKeys.get(body.key);
    if (!found) throw new Unauthorized();
    return found;
  });
  serve(app, identityApi.updateTenant, async ({ body }) => {
    if (body.timezone === 'Mars/Olympus') {
      throw new ValidationFailed([{ field: 'timezone', message: 'Unknown time zone', code: 'timezone' }]);
    }
    const { settings = {}, ...changes } = body;
    if ('huge' in settings) {
      throw new ValidationFailed([{ field: 'settings', message: 'At most 16 KiB', code: 'too_big' }]);
    }
    return { ...tenant, ...changes, settings: { ...tenant.settings, ...settings } } as Tenant;
  });
  serve(app, identityApi.createUser, async ({ body }) => {
    if (body.email === user.email) throw new AppError('conflict', 'E-mail taken', { entity: 'user' });
    const { email, firstName, lastName, role, customRoleId } = body;
    if (customRoleId && customRoleId !== customRole.id) throw new NotFound('role', customRoleId);
    return { ...user, email, firstName, lastName, role, customRole: customRoleId ? customRole : null };
  });
  serve(app, identityApi.listUsers, async ({ query, caller }) => {
    await it.beforeUsers(caller.tenantId);
    const items = query.ids && !query.ids.includes(user.id) ? [] : [user];
    return { items, total: items.length, nextCursor: null };
  });
}

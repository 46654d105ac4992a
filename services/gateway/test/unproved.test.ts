import { uuidv7 } from '@recado/contracts';
import { Unavailable } from '@recado/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { editions } from '../src/editions/index.ts';
import { accessToken } from './access-token.ts';
import { PROOF_CODE, PROOF_TOKEN } from './fake-identity.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.beforeTenant = async () => {};
  gateway.fakes.unproved.clear();
});

const changing = Object.values(editions).flatMap((edition) =>
  edition.routes
    .filter(({ method, auth }) => method !== 'GET' && auth !== 'none')
    .map((route) => ({ edition, route, name: `${edition.name} ${route.method} ${route.path}` })),
);
const refused = changing.filter(({ route }) => !route.unproved);
const allowed = changing.filter(({ route }) => route.unproved);

/**
 * Asks as the admin of a company whose token says unproved; `tid` names another company than the
 * last test's.
 */
function ask({ edition, route }: Pick<(typeof changing)[number], 'edition' | 'route'>, tid: string, payload?: object) {
  const url = edition.prefix + route.path.replaceAll(/:\w+/g, uuidv7());
  const token = accessToken(gateway.fakes, { aud: edition.name, tid, unproved: true });
  const headers = { authorization: `Bearer ${token}`, 'x-tenant-slug': samples.tenant.slug };
  return gateway.app.inject({ method: route.method, url, headers, ...(payload ? { payload } : {}) });
}

function unprovedTenant(): string {
  const tid = uuidv7();
  gateway.fakes.unproved.add(tid);
  return tid;
}

describe('a company that has not proved its e-mail', () => {
  it('has changing routes in every edition', () => {
    expect(refused.length).toBeGreaterThan(25);
    expect(new Set(refused.map(({ edition }) => edition.name)).size).toBe(5);
    expect(allowed.map(({ name }) => name).sort()).toEqual([
      'bots POST /api/auth/change-password',
      'bots POST /api/auth/confirm-email',
      'bots POST /api/auth/confirm-email/resend',
      'bots POST /api/auth/logout',
      'bots POST /api/auth/refresh',
      'crm POST /auth/2fa/disable',
      'crm POST /auth/2fa/enable',
      'crm POST /auth/2fa/verify',
      'crm POST /auth/logout',
      'crm PUT /auth/change-password',
      'inbox POST /auth/confirm-email',
      'inbox POST /auth/confirm-email/resend',
      'inbox POST /auth/logout',
      'inbox PUT /auth/change-password',
      'saas POST /auth/confirm-email',
      'saas POST /auth/confirm-email/resend',
      'saas POST /auth/logout',
      'saas PUT /auth/change-password',
      'scheduler POST /api/auth/logout',
      'scheduler POST /api/auth/refresh',
    ]);
  });

  it.each(refused)('is refused $name in the edition’s words, before any service is called', async (one) => {
    const tid = unprovedTenant();
    const before = gateway.fakes.calls.length;
    const answer = await ask(one, tid);
    const { texts, errorBody } = one.edition;
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toEqual(
      errorBody({
        status: 403,
        code: 'email_unproved',
        message: texts.errors.email_unproved,
        details: null,
        entity: null,
        challengeToken: null,
      }),
    );
    const changes = gateway.fakes.calls.slice(before).filter((call) => !call.startsWith('GET '));
    expect(changes).toEqual([]);
  });

  it.each(allowed)('may call $name', async (one) => {
    const answer = await ask(one, unprovedTenant(), {});
    expect(answer.statusCode).not.toBe(403);
    expect(answer.statusCode).toBeLessThan(500);
  });

  it('may read, and services learn that it is unproved', async () => {
    const tid = unprovedTenant();
    const headers = { authorization: `Bearer ${accessToken(gateway.fakes, { tid, unproved: true })}` };
    expect((await gateway.app.inject({ url: '/v1/users', headers })).statusCode).toBe(200);
    expect(gateway.fakes.callers.find(({ tenantId, unproved }) => tenantId === tid && unproved)).toBeDefined();
  });

  it('goes on with the same token once its e-mail is proved', async () => {
    const tid = unprovedTenant();
    const toggle = () =>
      gateway.app.inject({
        method: 'POST',
        url: '/api/v1/ai/toggle',
        payload: { enabled: false },
        headers: { authorization: `Bearer ${accessToken(gateway.fakes, { tid, unproved: true })}` },
      });
    expect((await toggle()).statusCode).toBe(403);
    gateway.fakes.unproved.delete(tid);
    expect((await toggle()).statusCode).toBe(200);
    // Proved companies stay proved: identity is not asked again.
    gateway.fakes.beforeTenant = async () => {
      throw new Unavailable('postgres');
    };
    expect((await toggle()).statusCode).toBe(200);
  });

  it('gets nothing while identity does not answer, and proved companies are not affected', async () => {
    gateway.fakes.beforeTenant = async () => {
      throw new Unavailable('postgres');
    };
    for (const one of refused.slice(0, 5)) expect((await ask(one, uuidv7())).statusCode).toBe(503);
    const headers = { authorization: `Bearer ${accessToken(gateway.fakes)}` };
    const payload = { enabled: false };
    const answer = await gateway.app.inject({ method: 'POST', url: '/api/v1/ai/toggle', headers, payload });
    expect(answer.statusCode).toBe(200);
  });
});

describe.each([
  ['saas', '/api/v1/auth', 'Email confirmed successfully', 'Confirmation email sent'],
  ['bots', '/bots/api/auth', 'Correo confirmado exitosamente', 'Correo de confirmación enviado'],
  ['inbox', '/inbox/auth', 'E-mail confirmado com sucesso', 'E-mail de confirmação enviado'],
] as const)('confirming an e-mail in %s', (aud, prefix, confirmed, sent) => {
  const post = (path: string, payload: object | undefined, known = true) =>
    gateway.app.inject({
      method: 'POST',
      url: prefix + path,
      ...(payload ? { payload } : {}),
      ...(known ? { headers: { authorization: `Bearer ${accessToken(gateway.fakes, { aud, unproved: true })}` } } : {}),
    });

  it('accepts a code from a logged-in user, or a token without a log-in', async () => {
    const byCode = await post('/confirm-email', { code: `${PROOF_CODE.slice(0, 4)} ${PROOF_CODE.slice(4)}` });
    expect(byCode.json()).toMatchObject({ message: confirmed });
    const byToken = await post('/confirm-email', { token: PROOF_TOKEN }, false);
    expect([byToken.statusCode, byToken.json().message]).toEqual([200, confirmed]);
    const wrong = await post('/confirm-email', { code: '00000000' });
    expect(wrong.statusCode).toBe(400);
    expect(JSON.stringify(wrong.json())).toMatch(/no es correcto|não está correto/);
  });

  it('gets the mail again for a logged-in user', async () => {
    expect((await post('/confirm-email/resend', undefined)).json()).toMatchObject({ message: sent });
    expect((await post('/confirm-email/resend', undefined, false)).statusCode).toBe(401);
  });
});

import { createPublicKey } from 'node:crypto';
import { accessClaims, identityApi, type Session } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { createDecoder, createVerifier } from 'fast-jwt';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, callerOf, type Running, registration, startForTest } from './support.ts';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.stop());

const register = (given: object = {}) => call(running, identityApi.register, { body: registration(given) });

describe('a registration', () => {
  it('makes a tenant on the default plan and its admin, and logs them in', async () => {
    const { status, body } = await register({
      tenantName: 'Hotel São João',
      tenantSlug: 'sao-joao',
      email: 'A@B.example',
    });
    expect(status).toBe(201);
    const session = identityApi.register.responses[201].parse(body);
    expect(session.tenant).toMatchObject({
      slug: 'sao-joao',
      plan: 'pro',
      status: 'active',
      timezone: 'America/Lima',
      language: 'es',
      settings: {},
      limits: { maxUsers: 20, maxChannels: 5 },
    });
    expect(session.user).toMatchObject({
      email: 'a@b.example',
      firstName: 'Ana',
      lastName: 'María Ruiz',
      role: 'admin',
    });
    expect(session.user.permissions).toContain('users.create');
    const me = await call(running, identityApi.getMe, { caller: callerOf(session) });
    expect(me.body).toEqual({ user: session.user, tenant: session.tenant });
    const tenant = await call(running, identityApi.getTenant, { caller: callerOf(session) });
    expect(tenant.body).toEqual(session.tenant);
  });

  it('refuses a taken slug by the name of the tenant and a taken e-mail by the name of the user', async () => {
    const first = await register({ tenantSlug: 'taken' });
    const slug = await register({ tenantSlug: 'taken' });
    expect(slug).toMatchObject({ status: 409, body: { error: { code: 'conflict', entity: 'tenant' } } });
    const email = await register({ email: first.body.user.email.toUpperCase(), tenantSlug: 'unused' });
    expect(email).toMatchObject({ status: 409, body: { error: { code: 'conflict', entity: 'user' } } });
    // Nothing of the refused one stays: the slug is free.
    expect(await register({ tenantSlug: 'unused' })).toMatchObject({ status: 201 });
  });

  it('gives companies of one name slugs of their own', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => register({ tenantName: 'La Única' })));
    const slugs = answers.map(({ body }) => body.tenant.slug);
    expect(new Set(slugs).size).toBe(4);
    expect(slugs).toContain('la-unica');
    for (const slug of slugs) expect(slug).toMatch(/^la-unica(-[a-z2-9]{5})?$/);
  });

  it('lets one of many simultaneous registrations of an e-mail through', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => register({ email: 'race@tienda.example' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it('refuses a common password by the name of the field', async () => {
    expect(await register({ password: 'Qwerty123' })).toMatchObject({
      status: 422,
      body: { error: { code: 'validation_failed', details: [{ field: 'password' }] } },
    });
  });

  it('refuses unknown keys and a role', async () => {
    expect(await register({ role: 'admin' })).toMatchObject({ status: 422 });
    expect(await register({ plan: 'unlimited' })).toMatchObject({ status: 422 });
  });

  it('takes the plan asked for, and the address of the company', async () => {
    const { status, body } = await register({ plan: 'business', tenantEmail: 'Hola@Tienda.example' });
    expect(status).toBe(201);
    expect(body.tenant.plan).toBe('business');
    const sql = postgres(running.database.adminUrl, { max: 1 });
    const [row] = await sql`select email from identity.tenants where tenant_id = ${body.tenant.id}`;
    expect(row!.email).toBe('hola@tienda.example');
    await sql.end();
  });

  it.each([
    [{ name: 'Ana María Ruiz' }, 'Ana', 'María Ruiz'],
    [{ name: 'Ana' }, 'Ana', ''],
    [{ name: undefined, firstName: 'Ana María', lastName: 'Ruiz' }, 'Ana María', 'Ruiz'],
    [{ name: undefined, firstName: 'Ana María' }, 'Ana María', ''],
  ])('of %j makes %s, %s', async (given, firstName, lastName) => {
    expect((await register(given)).body.user).toMatchObject({ firstName, lastName });
  });

  it.each([{ name: undefined }, { name: undefined, lastName: 'Ruiz' }, { name: '   ' }])(
    'needs a name: %j',
    async (given) => {
      expect(await register(given)).toMatchObject({
        status: 422,
        body: { error: { code: 'validation_failed', details: [{ field: 'name' }] } },
      });
    },
  );

  it('publishes events of the tenant and the user', async () => {
    const { body } = await register();
    const sql = postgres(running.database.adminUrl, { max: 1 });
    await eventually(async () => {
      const rows = await sql`
        select subject, published_at from identity.outbox where tenant_id = ${body.tenant.id} order by subject`;
      expect(rows.map((row) => row.subject)).toEqual([
        `recado.identity.${body.tenant.id}.audit.recorded`,
        `recado.identity.${body.tenant.id}.tenant.created`,
        `recado.identity.${body.tenant.id}.user.created`,
      ]);
      for (const row of rows) expect(row.published_at).not.toBeNull();
    });
    await sql.end();
  });
});

describe('an access token', () => {
  it('verifies under the JWKS and carries who, where and what', async () => {
    const { body } = await register({ edition: 'crm' });
    const jwks = await running.identity.app.inject({ url: '/.well-known/jwks.json' });
    expect(jwks.statusCode).toBe(200);
    const { header } = createDecoder({ complete: true })(body.accessToken);
    expect(header.typ).toBe('at+jwt');
    const jwk = jwks.json().keys.find((key: { kid: string }) => key.kid === header.kid);
    expect(jwk).not.toHaveProperty('d');
    const key = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
    const claims = accessClaims.parse(createVerifier({ key, algorithms: ['EdDSA'] })(body.accessToken));
    expect(claims).toMatchObject({ aud: 'crm', sub: body.user.id, tid: body.tenant.id, role: 'admin' });
    expect(claims.perms).toEqual(body.user.permissions);
  });

  it.each([
    ['saas', 900, true],
    ['crm', 3_600, true],
    ['bots', 604_800, false],
    ['inbox', 86_400, false],
    ['scheduler', 86_400, false],
  ] as const)('of %s lives %i seconds, with a refresh token: %s', async (edition, seconds, refreshes) => {
    const session: Session = (await register({ edition })).body;
    expect(session.expiresIn).toBe(seconds);
    const { iat, exp } = createDecoder()(session.accessToken);
    expect(exp - iat).toBe(seconds);
    expect(typeof session.refreshToken).toBe(refreshes ? 'string' : 'object');
  });
});

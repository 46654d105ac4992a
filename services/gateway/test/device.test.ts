import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
const warnings: string[] = [];
beforeAll(async () => {
  gateway = await startTestGateway({ RECADO_PUBLIC_URL: 'http://localhost:3000' }, (_app, deps) => {
    (deps.log as { warn: (...said: unknown[]) => void }).warn = (...said) => void warnings.push(JSON.stringify(said));
  });
});
afterAll(() => gateway?.close());

const body = { email: 'admin@hotel.com', password: 'senha123' };
const LOGINS = [
  '/api/v1/auth/login',
  '/v1/auth/login',
  '/bots/api/auth/login',
  '/inbox/auth/login',
  '/scheduler/api/auth/login',
];

describe('a log-in', () => {
  it.each(LOGINS)('at %s gives a browser without one the mark of a device, and keeps the one it has', async (url) => {
    const first = await gateway.app.inject({ method: 'POST', url, payload: body });
    const set = String(first.headers['set-cookie']);
    expect(set).toMatch(/^recado_device=[\w-]{22}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/);
    const cookie = set.split(';', 1)[0]!;
    const again = await gateway.app.inject({
      method: 'POST',
      url,
      payload: body,
      headers: { cookie: `a=b; ${cookie}` },
    });
    expect(again.headers['set-cookie']).toBeUndefined();
    const forged = { cookie: 'recado_device=<script>' };
    expect(
      (await gateway.app.inject({ method: 'POST', url, payload: body, headers: forged })).headers['set-cookie'],
    ).toBeDefined();
  });

  it('from a private address logs once that no proxy is configured', async () => {
    for (let i = 0; i < 3; i++) await gateway.app.inject({ method: 'POST', url: LOGINS[0]!, payload: body });
    expect(warnings.filter((said) => said.includes('RECADO_TRUSTED_PROXIES'))).toHaveLength(1);
  });

  it('is the only request that sets a cookie', async () => {
    const health = await gateway.app.inject({ url: '/health' });
    expect(health.headers['set-cookie']).toBeUndefined();
  });
});

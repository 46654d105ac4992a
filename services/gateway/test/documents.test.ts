import { EDITIONS } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editionDocuments } from '../src/docs.ts';
import { editions } from '../src/editions/index.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

const documents = await editionDocuments();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ EDITION_HOSTS: 'bots=bots.example.com' });
});
afterAll(() => gateway?.close());

const refs = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap(refs)
    : value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : refs(inner)))
      : [];

describe.each(EDITIONS)('the document of %s', (name) => {
  const document = documents[name];

  it('is OpenAPI 3.1 with every reference resolved and unique operation ids', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    for (const ref of refs(document)) {
      const found = ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect([ref, found]).toEqual([ref, expect.any(Object)]);
    }
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((o) => o.operationId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has every route at its full mounted path, its parameters declared', () => {
    const { prefix, routes, webhooks = [] } = editions[name];
    for (const { method, path } of [...routes, ...webhooks.map(({ path }) => ({ method: 'POST', path }))]) {
      const full = (prefix + path).replace(/:(\w+)/g, '{$1}').replace(/(?<=.)\/$/, '');
      const operation = document.paths[full]?.[method.toLowerCase()];
      expect([full, method, operation]).toEqual([full, method, expect.any(Object)]);
      const declared = ((operation?.parameters ?? []) as { in: string; name: string }[])
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name);
      expect(declared).toEqual([...path.matchAll(/:(\w+)/g)].map(([, key]) => key));
    }
  });

  it('speaks the language of its edition, and its page shows our name', async () => {
    const { tag } = editions[name].texts;
    const text = JSON.stringify(document);
    expect(text).not.toMatch(/Permission: `|Access token of|Key of a machine/);
    const permission = tag === 'es' ? 'Permiso: `' : 'Permissão: `';
    if (editions[name].routes.some((route) => route.permission)) expect(text).toContain(permission);
    expect(text).not.toMatch(/ unless said"|only when a person reads/);
    const initializer = await gateway.app.inject({ url: `/docs/${name}/static/swagger-initializer.js` });
    const logo = /data:image\/svg\+xml;base64,([\w+/=]+)/.exec(initializer.body)?.[1] ?? '';
    expect(Buffer.from(logo, 'base64').toString()).toContain('>Recado</text>');
  });

  it('is served, with a page that loads nothing from elsewhere', async () => {
    const json = await gateway.app.inject({ url: `/docs/${name}/openapi.json` });
    expect(json.json()).toEqual(JSON.parse(JSON.stringify(document)));
    const page = await gateway.app.inject({ url: `/docs/${name}` });
    expect(page.statusCode).toBe(200);
    const loads = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    expect(loads.length).toBeGreaterThan(2);
    for (const url of loads) {
      expect(url).toMatch(/^\/docs\//);
      expect([url, (await gateway.app.inject({ url })).statusCode]).toEqual([url, 200]);
    }
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.body).not.toMatch(/<script(?![^>]* src=)|\son\w+=/);
  });
});

describe('the docs', () => {
  it('list all editions at /docs', async () => {
    const { body } = await gateway.app.inject({ url: '/docs/static/swagger-initializer.js' });
    for (const name of EDITIONS) expect(body).toContain(`/docs/${name}/openapi.json`);
    expect((await gateway.app.inject({ url: '/docs' })).body).toContain('/docs/static/swagger-initializer.js');
  });

  it.each([
    ['/scheduler/docs', '/docs/scheduler'],
    ['/scheduler/swagger', '/docs/scheduler'],
  ])('%s leads to %s', async (from, to) => {
    const { headers, statusCode } = await gateway.app.inject({ url: from });
    expect([statusCode, headers.location]).toEqual([302, to]);
  });

  it.each(['/docs', '/swagger'])('%s on scheduler’s own host leads there too', async (url) => {
    const { headers } = await gateway.app.inject({ url, headers: { host: 'scheduler.localhost:3000' } });
    expect(headers.location).toBe('/docs/scheduler');
  });

  it('answer at /api-docs, and unknown editions are 404', async () => {
    expect((await gateway.app.inject({ url: '/api-docs' })).body).toContain('WhatsApp SaaS API');
    expect((await gateway.app.inject({ url: '/docs/nobody' })).statusCode).toBe(404);
    expect((await gateway.app.inject({ url: '/docs/nobody/openapi.json' })).statusCode).toBe(404);
    expect((await gateway.app.inject({ url: '/docs/static/package.json' })).statusCode).toBe(404);
  });
});

describe('an edition’s own host', () => {
  const login = (host: string, url: string) =>
    gateway.app.inject({
      method: 'POST',
      url,
      headers: { host },
      payload: { email: 'admin@hotel.com', password: 'senha123' },
    });

  it('serves it at /', async () => {
    expect((await login('bots.example.com', '/api/auth/login')).json()).toMatchObject({ success: true });
    expect((await login('inbox.localhost:3000', '/auth/login')).json()).toHaveProperty('tenant.slug');
    expect((await login('SCHEDULER.localhost', '/api/auth/login')).json()).toHaveProperty('access_token');
  });

  it('is not served at other hosts', async () => {
    expect((await login('localhost:3000', '/api/auth/login')).statusCode).toBe(404);
    // EDITION_HOSTS moved bots away from its default.
    expect((await login('bots.localhost', '/api/auth/login')).statusCode).toBe(404);
  });

  it('answers unknown paths in its own words', async () => {
    const answer = await gateway.app.inject({ url: '/nothing', headers: { host: 'bots.example.com' } });
    expect(answer.json()).toMatchObject({ success: false, error: { type: 'NotFoundError' } });
  });

  it('still serves its document', async () => {
    const answer = await gateway.app.inject({ url: '/docs/bots/openapi.json', headers: { host: 'bots.example.com' } });
    expect(answer.json().openapi).toBe('3.1.0');
  });
});

import { randomInt, randomUUID } from 'node:crypto';
import { PERMISSIONS, type Permission, type Role, uuidv7 } from '@recado/contracts';
import { createClosing, createProcessBase, stopInOrder } from '@recado/service-kit';
import { sample } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internalKeysOf } from '../../../infra/local/secrets.ts';
import { buildApp } from '../../../services/gateway/src/app.ts';
import { readConfig } from '../../../services/gateway/src/config.ts';
import { createDeps } from '../../../services/gateway/src/create-deps.ts';
import type { AnyEditionRoute, Edition } from '../../../services/gateway/src/edge/edition.ts';
import { editions } from '../../../services/gateway/src/editions/index.ts';
import { call, must, until } from '../../support/api.ts';
import { ACTORS, type Actor, createSeededTenant, type Kind, type SeededTenant } from '../seeded-tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';
import { createEdgeClient, type EdgeAnswer, type EdgeRequest, mapConcurrently } from './edge-client.ts';
import { forgeries } from './forged-tokens.ts';
import { type RegisteredRoute, recordRoutes } from './registered-routes.ts';
import { holdsIds, kindOfKey } from './route-kinds.ts';
import { BESIDE, ROUTE_TABLE, type RouteRow } from './route-table.ts';

// Every registered route of every edition, on a mesh of real processes. `a` and `b` are two
// companies; `c` is the one whose roles are tried.
let mesh: TestMesh;
let edge: ReturnType<typeof createEdgeClient>;
let a: SeededTenant;
let b: SeededTenant;
let c: SeededTenant;
let registered: RegisteredRoute[];

interface Walk {
  edition: Edition;
  /** `GET /users/:id` */
  name: string;
  row: RouteRow;
  /** Not of webhooks, which are bytes. */
  route: AnyEditionRoute | null;
}

const all = Object.values(editions);
const walks: Walk[] = all.flatMap((edition) =>
  Object.entries(ROUTE_TABLE[edition.name]).map(([name, row]) => ({
    edition,
    name,
    row,
    route: edition.routes.find(({ method, path }) => `${method} ${path}` === name) ?? null,
  })),
);
const guarded = walks.filter(({ row }) => row.auth === 'bearer');

beforeAll(async () => {
  mesh = sharedTestMesh();
  edge = createEdgeClient(mesh.gateway);
  [a, b, c] = await Promise.all([createSeededTenant(mesh), createSeededTenant(mesh), createSeededTenant(mesh)]);
  registered = await registeredByGateway(mesh);
});
afterAll(async () => {
  await edge?.close();
  await mesh?.stop();
});

/** What Fastify says of a gateway built like the mesh's own. */
async function registeredByGateway(mesh: TestMesh): Promise<RegisteredRoute[]> {
  const env = { ...internalKeysOf('gateway', mesh.secrets), REDIS_URL: mesh.servers.redisUrl, LOG_LEVEL: 'silent' };
  const base = createProcessBase('gateway', readConfig(env));
  const { closing, steps } = createClosing();
  const deps = createDeps(base, closing);
  try {
    const { made, routes } = await recordRoutes(async () => {
      const app = buildApp(deps);
      await app.ready();
      return app;
    });
    await made.close();
    return routes;
  } finally {
    await stopInOrder(steps(), deps.log);
  }
}

const fullName = ({ edition, name }: Walk) => `${edition.name} ${name}`;
const mounted = ({ prefix }: Edition, path: string) => (path === '/' ? prefix : prefix + path);

interface RequestOptions {
  /** The ids in the path. Default: the caller's own. */
  ids?: (kind: Kind) => string;
  /** Keys of body and query that get an id of this tenant instead of the asker's. */
  named?: (kind: Kind) => string;
  full?: boolean;
  authorization?: string | null;
  headers?: Record<string, string>;
}

/** A request that gets past validation, made of the route's own schemas. */
function requestOf(
  { edition, name, row, route }: Walk,
  seededTenant: SeededTenant,
  options: RequestOptions = {},
): EdgeRequest {
  const [method, path] = name.split(' ') as [string, string];
  const { ids = (kind) => seededTenant.ids[kind], named = (kind) => seededTenant.ids[kind], full = false } = options;
  let at = 0;
  const filled = mounted(edition, path).replace(/:\w+/g, () => ids(row.ids[at++]!));
  const hint = (key: string): unknown => {
    if (HINTS[key]) return HINTS[key](seededTenant);
    // A wrong one, so no user's password changes here.
    if (/password/i.test(key)) return `Otra-clave-${randomUUID()}`;
    const kind = kindOfKey(key);
    if (!kind) return undefined;
    return holdsIds(key) ? [named(kind)] : named(kind);
  };
  const query = route?.query ? (sample(route.query, { hint, full }) as Record<string, unknown>) : {};
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => [value].flat().map((one): [string, string] => [key, String(one)])),
  ).toString();
  return {
    method,
    path: search ? `${filled}?${search}` : filled,
    ...(route?.body ? { body: sample(route.body, { hint, full }) } : {}),
    authorization: options.authorization,
    headers: { 'x-tenant-slug': seededTenant.slug, ...options.headers },
  };
}

/** Hints that no tenant decides. */
const WITHOUT_IDS: Record<string, () => unknown> = { business_hours: () => ({}), bot_flow_id: () => null };

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

const HINTS: Record<string, (seededTenant: SeededTenant) => unknown> = {
  page: () => 1,
  to: () => '51999888777',
  recipients: () => ['+573001112233'],
  meta_access_token: () => 'EAA-token',
  // Another each time: a phone is one contact.
  phone: () => `+57300${randomInt(1e6, 1e7)}`,
  phone_number: () => `+57302${randomInt(1e6, 1e7)}`,
  phoneNumber: () => `+57302${randomInt(1e6, 1e7)}`,
  meta_phone_number_id: () => String(randomInt(1e11, 1e12)),
  phoneNumberId: () => String(randomInt(1e11, 1e12)),
  // Also of a campaign, where no two are the same.
  code: () => String(randomInt(1e5, 1e6)),
  ...WITHOUT_IDS,
  // Of an agent.
  target_id: ({ ids }) => ids.user,
  until: () => TOMORROW,
  send_at: () => TOMORROW,
  // Of a template.
  name: () => `nombre_${randomInt(1e9)}`,
  language: () => 'es',
  components: () => [{ type: 'body', text: 'Hola a todos' }],
};

const bearer = (token: string) => `Bearer ${token}`;
const json = ({ text }: EdgeAnswer): unknown => (text === '' ? null : JSON.parse(text));

/** The body an edition has for an error without details. */
function errorBody(edition: Edition, status: number, code: 'unauthorized' | 'token_expired' | 'forbidden'): unknown {
  const message = edition.texts.errors[code];
  return JSON.parse(
    JSON.stringify(edition.errorBody({ status, code, message, details: null, entity: null, challengeToken: null })),
  );
}

describe('the table', () => {
  it('has every route of every edition, with the route’s own options', () => {
    const said = all.flatMap((edition) => [
      ...edition.routes.map(({ method, path, auth, permission, person }) => ({
        name: `${edition.name} ${method} ${path}`,
        auth: auth === 'none' ? 'open' : auth === 'optional' ? 'either' : auth,
        needs: permission ?? null,
        person: person ?? false,
        ids: path.match(/:\w+/g)?.length ?? 0,
      })),
      ...(edition.webhooks ?? []).map(({ path }) => ({
        name: `${edition.name} POST ${path}`,
        auth: 'signed',
        needs: null,
        person: false,
        ids: path.match(/:\w+/g)?.length ?? 0,
      })),
    ]);
    const written = walks.map((walk) => ({
      name: fullName(walk),
      auth: walk.row.auth,
      needs: walk.row.needs,
      person: walk.row.person ?? false,
      ids: walk.row.ids.length,
    }));
    const byName = (x: { name: string }, y: { name: string }) => (x.name < y.name ? -1 : 1);
    expect(said.sort(byName)).toEqual(written.sort(byName));
  });

  it('has exactly the routes that Fastify has', () => {
    const known = new Set([
      ...walks.map(({ edition, name }) => {
        const [method, path] = name.split(' ') as [string, string];
        // Below a prefix `/` may be written with its slash and without.
        return `${method} ${mounted(edition, path)}`;
      }),
      ...BESIDE,
      ...all.flatMap(({ prefix }) => [`GET ${prefix}/docs`, `GET ${prefix}/`]),
    ]);
    const names = registered.filter(({ method }) => method !== 'OPTIONS').map(({ method, url }) => `${method} ${url}`);
    expect([...new Set(names)].filter((name) => !known.has(name)).sort()).toEqual([]);
    const missing = walks.map(({ edition, name }) => {
      const [method, path] = name.split(' ') as [string, string];
      return `${method} ${mounted(edition, path)}`;
    });
    expect(missing.filter((name) => !names.includes(name) && !names.includes(`${name}/`))).toEqual([]);
  });

  it('names a permission for every route that is not personal or open', () => {
    const loose = guarded.filter(({ row }) => row.needs === null && !row.others && !row.person).map(fullName);
    expect(loose).toEqual([]);
  });
});

describe('an invalid token', () => {
  it('is refused on every route, in the edition’s words, before a body is read', async () => {
    const { good, bad } = forgeries(mesh.secrets.jwtPrivateKey, { tenantId: c.ids.tenant, userId: c.ids.user });
    expect(bad.length).toBeGreaterThan(45);
    const right = await edge.send({ method: 'GET', path: '/v1/chats', authorization: bearer(good) });
    expect(right.status).toBe(200);
    const cases = guarded.flatMap((walk) => bad.map((forgery) => ({ walk, forgery })));
    const wrong = await mapConcurrently(cases, async ({ walk, forgery }) => {
      const { edition } = walk;
      const request = requestOf(walk, c, { authorization: forgery.authorization });
      // Half a body: who reads it first would answer 400.
      const answer = await edge.send(
        request.method === 'GET' ? request : { ...request, body: undefined, raw: '{"a":' },
      );
      const fits =
        answer.status === 401 &&
        answer.headers['www-authenticate'] === 'Bearer' &&
        edition.errorSchema.safeParse(json(answer)).success &&
        JSON.stringify(json(answer)) === JSON.stringify(errorBody(edition, 401, forgery.code));
      return fits ? null : `${fullName(walk)}, ${forgery.name}: ${answer.status} ${answer.text.slice(0, 200)}`;
    });
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  it('of a logged-out session is refused, whichever edition ended it', async () => {
    const ended: string[] = [];
    for (const [login, logout, method] of [
      ['/v1/auth/login', '/v1/auth/logout', 'POST'],
      ['/bots/api/auth/login', '/bots/api/auth/logout', 'POST'],
      ['/inbox/auth/login', '/api/v1/auth/logout', 'POST'],
    ] as const) {
      const body = { email: c.emails.supervisor, password: c.password };
      const answer = await must(call<Record<string, unknown>>(mesh.gateway, 'POST', login, { body }), 200);
      const token = tokenIn(answer);
      expect((await edge.send({ method: 'GET', path: '/v1/chats', authorization: bearer(token) })).status).toBe(200);
      const out = await edge.send({ method, path: logout, authorization: bearer(token) });
      expect(out.status).toBeLessThan(300);
      ended.push(token);
    }
    const wrong = await mapConcurrently(
      guarded.flatMap((walk) => ended.map((token) => ({ walk, token }))),
      async ({ walk, token }) => {
        const answer = await edge.send(requestOf(walk, c, { authorization: bearer(token) }));
        return answer.status === 401 && walk.edition.errorSchema.safeParse(json(answer)).success
          ? null
          : `${fullName(walk)}: ${answer.status} ${answer.text.slice(0, 200)}`;
      },
    );
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  it('of a revoked API key is refused', async () => {
    const made = await must(
      call<{ id: string; key: string }>(mesh.gateway, 'POST', '/v1/api-keys', {
        token: c.tokens.admin,
        body: { name: 'se va', permissions: ['chats.read'] },
      }),
      201,
    );
    const authorization = bearer(made.key);
    expect((await edge.send({ method: 'GET', path: '/v1/chats', authorization })).status).toBe(200);
    await edge.send({ method: 'DELETE', path: `/v1/api-keys/${made.id}`, authorization: bearer(c.tokens.admin) });
    await until('the key to be dead', async () =>
      (await edge.send({ method: 'GET', path: '/v1/chats', authorization })).status === 401 ? true : null,
    );
    const statuses = await mapConcurrently(guarded, async (walk) => {
      const answer = await edge.send(requestOf(walk, c, { authorization }));
      return answer.status === 401 ? null : `${fullName(walk)}: ${answer.status}`;
    });
    expect(statuses.filter(Boolean)).toEqual([]);
  });
});

/** The access token of a log-in's answer, wherever its edition puts it. */
function tokenIn(answer: unknown): string {
  for (const [key, value] of Object.entries(answer as object)) {
    if (/^(access_?token|token)$/i.test(key) && typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) {
      const inner = tokenIn(value);
      if (inner) return inner;
    }
  }
  return '';
}

/** What each actor may do by default; seeded-tenant.ts makes `bare` and `bareKey`. */
function holds(actor: Actor, permission: Permission): boolean {
  if (actor === 'bare') return false;
  if (actor === 'bareKey') return permission === 'tenant.read';
  const role: Role = actor === 'key' ? 'admin' : actor;
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}

describe('a role', () => {
  it('is admitted where the table of permissions says so, and gets 403 in the edition’s words elsewhere', async () => {
    const cases = guarded.flatMap((walk) => ACTORS.map((actor) => ({ walk, actor })));
    const wrong = await mapConcurrently(cases, async ({ walk, actor }) => {
      const { edition, name, row } = walk;
      // Ids of no row, so an allowed request changes nothing. Log-outs get a session of their own.
      const token = name.includes('logout') ? await spareToken(actor) : c.tokens[actor];
      const answer = await edge.send(requestOf(walk, c, { ids: () => uuidv7(), authorization: bearer(token) }));
      const machine = actor === 'key' || actor === 'bareKey';
      const permission = row.needs ?? row.others ?? null;
      const allowed = !(row.person && machine) && (permission === null || holds(actor, permission));
      const said = `${fullName(walk)} as ${actor}: ${answer.status} ${answer.text.slice(0, 300)}`;
      if (answer.status === 401 || answer.status >= 500) return said;
      if (allowed) return answer.status === 403 ? `${said} (should be let in)` : null;
      return answer.status === 403 &&
        JSON.stringify(json(answer)) === JSON.stringify(errorBody(edition, 403, 'forbidden'))
        ? null
        : `${said} (should be 403)`;
    });
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  it('passes validation with these requests, as the admin with real ids shows', async () => {
    const refused = await mapConcurrently(
      guarded.filter(({ name }) => !/logout|refresh|DELETE/.test(name)),
      async (walk) => {
        const answer = await edge.send(requestOf(walk, c, { authorization: bearer(c.tokens.admin) }));
        const expected = EXPECTED_REFUSALS[fullName(walk)];
        if (expected !== undefined) return answer.status === expected ? null : `${fullName(walk)}: ${answer.status}`;
        if (answer.status >= 300) return `${fullName(walk)}: ${answer.status} ${answer.text.slice(0, 300)}`;
        return misshapen(walk, answer);
      },
      1,
    );
    expect(refused.filter(Boolean)).toEqual([]);
  });
});

/**
 * Where an honest request of the admin is refused all the same, because of what these tests hold.
 */
const EXPECTED_REFUSALS: Record<string, number> = {
  // The chat is open.
  'crm POST /chats/:id/archive': 409,
  // It waits in the queue since it was reopened.
  'crm POST /chats/:id/snooze': 409,
  // Submitted by saas before.
  'crm POST /whatsapp-templates/:id/submit': 409,
  'inbox POST /api/templates/:id/submit': 409,
  // Wrong passwords and codes, on purpose.
  'saas PUT /auth/change-password': 400,
  'crm PUT /auth/change-password': 422,
  'crm POST /auth/2fa/disable': 422,
  'bots POST /api/auth/change-password': 400,
  'inbox PUT /auth/change-password': 400,
  // A template that the number does not have.
  'inbox POST /api/messages/template': 400,
  // JSON, where a form with a file is wanted.
  'crm POST /files': 415,
  'crm POST /clients/import': 415,
  'scheduler POST /api/contacts/import': 415,
  // A token that the provider does not know.
  'crm PUT /whatsapp-numbers/:id': 422,
  // A contact with itself.
  'crm POST /clients/:id/merge': 422,
  // A message that was received, and did not fail.
  'crm POST /messages/:id/retry': 409,
  // The number is verified.
  'crm POST /whatsapp-numbers/:id/request-code': 409,
  'crm POST /whatsapp-numbers/:id/verify-code': 409,
};

/** An answer of success against the schema its own document shows. */
function misshapen({ route, ...walk }: Walk, { status, text }: EdgeAnswer): string | null {
  const schema = route?.responses[status];
  if (!schema) return `${fullName({ route, ...walk })}: ${status} is not documented`;
  if (route?.contentType || status === 204) return null;
  const result = schema.safeParse(JSON.parse(text));
  return result.success ? null : `${fullName({ route, ...walk })}: ${result.error.message.slice(0, 300)}`;
}

/** A token for a session that may be ended. */
async function spareToken(actor: Actor): Promise<string> {
  if (actor === 'key' || actor === 'bareKey') return c.tokens[actor];
  const body = { email: c.emails[actor], password: c.password };
  return tokenIn(await must(call<Record<string, unknown>>(mesh.gateway, 'POST', '/v1/auth/login', { body }), 200));
}

describe('another company', () => {
  /** Everything of `a` that `b` must never see. */
  const secrets = () => [a.canary, ...Object.values(a.ids), a.tenant.channelPhone, a.slug];
  const leaks = (answer: EdgeAnswer) => secrets().filter((secret) => answer.text.includes(secret));
  const askers = () => [bearer(b.tokens.admin), bearer(b.tokens.key)];
  const unknownIds = () => uuidv7();

  it('has ids that are answered like unknown ones in a path, byte for byte, and its rows do not change', async () => {
    const before = await stateOf(a);
    const cases = walks
      .filter(({ row }) => row.ids.length > 0 && row.auth === 'bearer')
      .flatMap((walk) => askers().map((authorization) => ({ walk, authorization })));
    const wrong = await mapConcurrently(cases, async ({ walk, authorization }) => {
      const theirs = await edge.send(requestOf(walk, b, { authorization, ids: (kind) => a.ids[kind] }));
      const missing = await edge.send(requestOf(walk, b, { authorization, ids: unknownIds }));
      const upper = await edge.send(requestOf(walk, b, { authorization, ids: (kind) => a.ids[kind].toUpperCase() }));
      const same = [theirs, upper].every(({ status, text }) => status === missing.status && text === missing.text);
      const person = walk.row.person && authorization === bearer(b.tokens.key);
      const fits = same && missing.status === (person ? 403 : 404) && leaks(theirs).length === 0;
      return fits
        ? null
        : `${fullName(walk)}: ${theirs.status} ${theirs.text.slice(0, 200)}, ${missing.status} ${missing.text.slice(0, 200)}`;
    });
    expect(wrong.filter(Boolean)).toEqual([]);
    expect(await stateOf(a)).toEqual(before);
  });

  it('has ids that are answered like unknown ones in a body or a query', async () => {
    const before = await stateOf(a);
    const cases = guarded
      .filter((walk) => namesIds(walk))
      .flatMap((walk) => askers().map((authorization) => ({ walk, authorization })));
    expect(cases.length).toBeGreaterThan(5);
    const wrong = await mapConcurrently(cases, async ({ walk, authorization }) => {
      const theirs = await edge.send(requestOf(walk, b, { authorization, full: true, named: (kind) => a.ids[kind] }));
      const missing = await edge.send(requestOf(walk, b, { authorization, full: true, named: unknownIds }));
      const same = theirs.status === missing.status && theirs.text === missing.text;
      return same && leaks(theirs).length === 0
        ? null
        : `${fullName(walk)}: ${theirs.status} ${theirs.text.slice(0, 200)}, ${missing.status} ${missing.text.slice(0, 200)}`;
    });
    expect(wrong.filter(Boolean)).toEqual([]);
    expect(await stateOf(a)).toEqual(before);
  });

  it('is in no answer, with any headers', async () => {
    const pretending = {
      'x-tenant-id': a.ids.tenant,
      'x-tenant': a.slug,
      'x-company-id': a.ids.tenant,
      'x-organization-id': a.ids.tenant,
      'x-user-id': a.ids.user,
      'x-forwarded-user': a.ids.user,
      'x-recado-caller': JSON.stringify({ tenantId: a.ids.tenant }),
      cookie: `tenant=${a.ids.tenant}; slug=${a.slug}`,
    };
    const reading = guarded.filter(({ name }) => name.startsWith('GET'));
    const cases = reading.flatMap((walk) => [{}, pretending].map((headers) => ({ walk, headers })));
    const found = await mapConcurrently(cases, async ({ walk, headers }) => {
      const answer = await edge.send(requestOf(walk, b, { authorization: bearer(b.tokens.admin), headers }));
      if (answer.status !== 200) return `${fullName(walk)}: ${answer.status} ${answer.text.slice(0, 200)}`;
      return leaks(answer).length > 0 ? `${fullName(walk)} shows ${leaks(answer)}` : null;
    });
    expect(found.filter(Boolean)).toEqual([]);
    // The same search finds what is its own: it does not look for nothing.
    const own = await mapConcurrently(reading, async (walk) => {
      const { text } = await edge.send(requestOf(walk, b, { authorization: bearer(b.tokens.admin) }));
      return [b.canary, ...Object.values(b.ids)].some((secret) => text.includes(secret));
    });
    expect(own.filter(Boolean).length).toBeGreaterThan(12);
  });

  it('has a slug that inbox refuses like an unknown one', async () => {
    const cases = guarded.filter(({ edition, name }) => edition.name === 'inbox' && name.includes(' /api/'));
    expect(cases.length).toBeGreaterThan(0);
    for (const walk of cases) {
      const ask = (slug: string) =>
        edge.send(requestOf(walk, b, { authorization: bearer(b.tokens.admin), headers: { 'x-tenant-slug': slug } }));
      const [theirs, missing] = [await ask(a.slug), await ask(`nadie-${randomUUID()}`)];
      expect([fullName(walk), theirs.status, json(theirs)]).toEqual([
        fullName(walk),
        403,
        errorBody(walk.edition, 403, 'forbidden'),
      ]);
      expect(missing.text).toBe(theirs.text);
    }
  });

  it('has webhooks that need its own secret, and a channel that looks like an unknown one', async () => {
    for (const { edition, name, row } of walks.filter(({ row }) => row.auth === 'signed')) {
      const path = (id: string) => mounted(edition, name.slice('POST '.length)).replace(/:\w+/g, id);
      const ask = (id: string) =>
        edge.send({
          method: 'POST',
          path: path(id),
          headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
          body: { object: 'whatsapp_business_account', entry: [] },
        });
      const answer = await ask(a.ids.channel);
      expect([name, [401, 404].includes(answer.status)]).toEqual([name, true]);
      if (row.ids.length > 0) expect(await ask(a.ids.channel)).toMatchObject({ status: 401 });
    }
  });

  /** Whether a route takes an id beside its path. */
  function namesIds({ route }: Walk): boolean {
    let found = false;
    const hint = (key: string) => {
      // What has a hint is the provider's id of a number, and none of ours.
      found ||= !HINTS[key] && kindOfKey(key) !== null;
      return WITHOUT_IDS[key]?.();
    };
    for (const schema of [route?.body, route?.query]) if (schema) sample(schema, { full: true, hint });
    return found;
  }
});

/** Everything of a company that its admin can see, but for clocks and counters. */
async function stateOf(seededTenant: SeededTenant): Promise<Record<string, string>> {
  const paths = [
    '/v1/users',
    `/v1/users/${seededTenant.ids.user}`,
    '/v1/roles',
    '/v1/api-keys',
    '/v1/whatsapp-numbers',
    '/v1/chats',
    `/v1/chats/${seededTenant.ids.conversation}/messages`,
    '/v1/notifications',
    '/scheduler/api/groups',
    `/scheduler/api/groups/${seededTenant.ids.group}/contacts`,
    '/scheduler/api/contacts',
    '/api/v1/tenant',
    '/api/v1/ai/config',
  ];
  const authorization = bearer(seededTenant.tokens.admin);
  const answers = await mapConcurrently(paths, (path) => edge.send({ method: 'GET', path, authorization }));
  return Object.fromEntries(
    paths.map((path, i) => [
      path,
      `${answers[i]!.status} ${answers[i]!.text.replace(/"last_(?:used|connected)_(?:at|ip)":[^,}]*/g, '')}`,
    ]),
  );
}

it('no test here ended a process or caused a 5xx', () => {
  expect(mesh.complaints()).toEqual([]);
  expect(mesh.sameProcesses()).toBe(true);
});

import { createHmac } from 'node:crypto';
import { permissionsOf, SERVICES, uuidv7 } from '@recado/contracts';
import { sample } from '@recado/testkit';
import { internalTokensOf, type Secrets } from '../../../infra/local/secrets.ts';
import { signedTextWebhook } from '../../support/meta-webhook.ts';
import { signAccessToken } from '../security/access-token.ts';
import { holdsIds, kindOfKey, kindOfParam } from '../security/route-kinds.ts';
import { ACTORS, type Kind, type SeededTenant } from '../seeded-tenant.ts';
import type { Dice } from './dice.ts';
import { writeJson } from './nasty.ts';
import type { Target } from './targets.ts';

/** A request while it is made: mutations change it, `write` puts it on the wire. */
export interface Draft {
  target: Target;
  seededTenant: SeededTenant;
  method: string;
  path: string;
  /** As they are written, already escaped or on purpose not. */
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  /** A value, or bytes that go as they are. */
  json: unknown;
  bytes: Buffer | null;
  framing: 'length' | 'chunked' | 'chunked-odd' | 'short' | 'long' | 'both';
  /** Sign what is finally sent as Meta would. */
  sign: boolean;
  /** Its token is one that should count. */
  knownCaller: boolean;
  /**
   * Asked by the one whom everything else depends on, where a 401 means that the token is no good
   * any more.
   */
  byAdmin: boolean;
}

export interface Written {
  bytes: Buffer;
  head: boolean;
  alone: boolean;
}

const escaped = encodeURIComponent;

/** An honest request to a target; every mutation starts from one. */
export function honest(target: Target, seededTenant: SeededTenant, secrets: Secrets, roll: Dice): Draft {
  const full = roll.chance(0.5);
  const unique = () => `${roll.below(1e9)}${roll.below(1e9)}`;
  const hint = hintsOf(target, seededTenant, roll);
  const params = target.params
    ? (sample(target.params, { hint: paramHint(target, seededTenant) }) as Record<string, string>)
    : {};
  const query = target.query ? (sample(target.query, { full, unique, hint }) as Record<string, unknown>) : {};
  const draft: Draft = {
    target,
    seededTenant,
    method: target.method,
    path: target.path.replace(/:(\w+)/g, (_all, name: string) =>
      escaped(params[name] ?? seededTenant.ids[kindOfParam(target.path, name) ?? 'channel']),
    ),
    query: Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [escaped(name), escaped(String(one))]),
    ),
    headers: [['host', '127.0.0.1']],
    json: target.body ? sample(target.body, { full, unique, hint }) : undefined,
    bytes: null,
    framing: 'length',
    sign: false,
    knownCaller: false,
    byAdmin: false,
  };
  if (target.kind === 'webhook') {
    const { body } = signedTextWebhook(seededTenant.tenant.number, {
      from: `57317${roll.below(1e7)}`,
      name: 'Eva',
      text: 'Hola',
    });
    draft.json = JSON.parse(body.toString());
    draft.sign = true;
  }
  if (draft.json !== undefined) draft.headers.push(['content-type', 'application/json']);
  if (target.path.startsWith('/inbox/api/') && roll.chance(0.9))
    draft.headers.push(['x-tenant-slug', seededTenant.slug]);
  authorize(draft, secrets, roll);
  return draft;
}

function authorize(draft: Draft, secrets: Secrets, roll: Dice): void {
  const { target, seededTenant, headers } = draft;
  if (target.auth !== 'bearer' && !roll.chance(0.1)) return;
  if (target.kind === 'internal') {
    const caller = {
      tenantId: seededTenant.ids.tenant,
      userId: roll.chance(0.8) ? seededTenant.ids.user : null,
      role: roll.pick(['admin', 'agent', 'key', 'service'] as const),
      permissions: permissionsOf('admin'),
      edition: 'crm',
      service: 'gateway',
    };
    headers.push(['authorization', `Bearer ${internalTokensOf('gateway', secrets).sign(caller, [...SERVICES])}`]);
    draft.knownCaller = true;
    return;
  }
  // Another user makes requests that end sessions, because the admin is needed for the rest.
  const actor = roll.chance(ENDS_SESSIONS.test(target.path) ? 0.005 : 0.75) ? 'admin' : roll.pick([...ACTORS, null]);
  headers.push(['authorization', `Bearer ${actor ? seededTenant.tokens[actor] : passingBy(seededTenant, secrets)}`]);
  draft.knownCaller = true;
  // Elsewhere a 401 may be about what was sent: a wrong password, a used refresh token.
  draft.byAdmin = actor === 'admin' && target.auth === 'bearer' && target.method === 'GET';
}

const ENDS_SESSIONS = /logout|password|2fa|two-factor/;

/** A valid token of the agent for a session of its own, so a logout disturbs no other test. */
function passingBy({ ids }: SeededTenant, { jwtPrivateKey }: Secrets): string {
  const claims = { aud: 'crm', sub: ids.user, tid: ids.tenant, sid: uuidv7(), role: 'agent' } as const;
  return signAccessToken(jwtPrivateKey, { ...claims, perms: permissionsOf('agent') }, 300);
}

function paramHint(target: Target, seededTenant: SeededTenant) {
  return (key: string) => {
    const kind = kindOfParam(target.path, key);
    return kind ? seededTenant.ids[kind] : undefined;
  };
}

function hintsOf(target: Target, seededTenant: SeededTenant, roll: Dice) {
  const login = /login|\/sessions$/.test(target.path);
  return (key: string): unknown => {
    const kind: Kind | null = kindOfKey(key);
    if (kind && roll.chance(0.8)) return holdsIds(key) ? [seededTenant.ids[kind]] : seededTenant.ids[kind];
    if (key === 'phone' && roll.chance(0.5)) return `+57300${1e6 + roll.below(9e6)}`;
    if (key === 'email' && login) return seededTenant.emails.agent;
    if (/password/i.test(key)) return seededTenant.password;
    return HINTS[key]?.(seededTenant);
  };
}

/** What the success of a request depends on, by key. */
const HINTS: Record<string, (seededTenant: SeededTenant) => unknown> = {
  page: () => 1,
  to: () => '51999888777',
  phone: () => '+573001234567',
  'hub.mode': () => 'subscribe',
  'hub.verify_token': ({ tenant }) => tenant.verifyToken,
  refreshToken: ({ refreshToken }) => refreshToken,
  refresh_token: ({ refreshToken }) => refreshToken,
  key: ({ tokens }) => tokens.key,
};

/** The request as bytes. */
export function write(draft: Draft): Written {
  const { method, headers, framing } = draft;
  const body = draft.bytes ?? (draft.json === undefined ? null : Buffer.from(writeJson(draft.json)));
  const lines = [`${method} ${targetOf(draft)} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (draft.sign) {
    const secret = draft.seededTenant.tenant.number.appSecret;
    const signature = createHmac('sha256', secret)
      .update(body ?? '')
      .digest('hex');
    lines.push(`x-hub-signature-256: sha256=${signature}`);
  }
  let payload = body ?? Buffer.alloc(0);
  if (framing === 'chunked' || framing === 'chunked-odd') {
    lines.push('transfer-encoding: chunked');
    payload = chunk(payload, framing === 'chunked-odd');
  } else if (body !== null || framing !== 'length') {
    const length = payload.length + { length: 0, short: -1, long: 7, both: 0 }[framing];
    lines.push(`content-length: ${Math.max(length, 0)}`);
    if (framing === 'both') lines.push('transfer-encoding: chunked');
  }
  return {
    bytes: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), payload]),
    head: method === 'HEAD',
    alone:
      framing !== 'length' ||
      headers.some(([name]) => /^(connection|upgrade|expect|transfer-encoding|content-length)$/i.test(name)),
  };
}

export function targetOf({ path, query }: Draft): string {
  const text = query
    .map(([name, value]) => (value === '' && name.startsWith('=') ? name.slice(1) : `${name}=${value}`))
    .join('&');
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

function chunk(body: Buffer, odd: boolean): Buffer {
  const parts: Buffer[] = [];
  const size = odd ? 1 : 1000;
  // One byte at a time for the first hundred only: it is the boundaries that matter.
  for (let at = 0; at < body.length; ) {
    const next = body.subarray(at, at + (odd && at > 100 ? 65_536 : size));
    parts.push(Buffer.from(`${next.length.toString(16)}${odd ? ';ext=1' : ''}\r\n`), next, Buffer.from('\r\n'));
    at += next.length;
  }
  parts.push(Buffer.from(odd ? '0\r\nx-trailer: 1\r\n\r\n' : '0\r\n\r\n'));
  return Buffer.concat(parts);
}

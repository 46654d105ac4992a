import type { Dice } from './dice.ts';
import type { Draft } from './draft.ts';
import { nasty, nastyText, unknownId, writeJson } from './nasty.ts';

/**
 * One way to spoil a request. Returns what it did, for people; null when there was nothing to
 * spoil.
 */
type Mutation = (draft: Draft, roll: Dice) => string | null;

const escaped = (text: string) => encodeURIComponent(text.toWellFormed());

interface Place {
  path: (string | number)[];
  holder: Record<string, unknown> | unknown[];
  key: string | number;
}

/** Every place inside a JSON value. */
function placesOf(value: unknown, path: (string | number)[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, item]) => [
    { path: [...path, key], holder: value as Record<string, unknown>, key },
    ...placesOf(item, [...path, key]),
  ]);
}

const inValue: Mutation[] = [
  // A field becomes something else. The commonest by far: it is what schemas are for.
  ...Array.from(
    { length: 6 },
    (): Mutation => (draft, roll) => {
      const places = placesOf(draft.json);
      if (places.length === 0) return null;
      const { holder, key, path } = roll.pick(places);
      const value = nasty(roll);
      (holder as Record<string | number, unknown>)[key] = value;
      return `${path.join('.')} = ${String(JSON.stringify(value)).slice(0, 60)}`;
    },
  ),
  (draft, roll) => {
    const places = placesOf(draft.json).filter(({ holder }) => !Array.isArray(holder));
    if (places.length === 0) return null;
    const { holder, key, path } = roll.pick(places);
    delete (holder as Record<string, unknown>)[key as string];
    return `without ${path.join('.')}`;
  },
  (draft, roll) => {
    const places = placesOf(draft.json);
    if (places.length === 0) return null;
    const { holder, key, path } = roll.pick(places);
    const held = (holder as Record<string | number, unknown>)[key];
    const word = typeof held === 'string' ? held : (JSON.stringify(held) ?? '');
    const value = roll.pick<unknown>([
      typeof held === 'string' ? held.toUpperCase() : [held],
      [held, held],
      { value: held },
      word,
      ` ${word} `,
      `${word}\u0000`,
      held,
    ]);
    (holder as Record<string | number, unknown>)[key] = value;
    return `${path.join('.')} = ${String(JSON.stringify(value)).slice(0, 60)}`;
  },
  (draft, roll) => {
    if (typeof draft.json !== 'object' || draft.json === null || Array.isArray(draft.json)) return null;
    const key = roll.pick([
      'tenant_id',
      'tenantId',
      'role',
      'id',
      'constructor',
      'toString',
      '',
      '\u0000',
      'a.b',
      '$where',
      'ñ',
    ]);
    const value = nasty(roll);
    (draft.json as Record<string, unknown>)[key] = value;
    return `and ${JSON.stringify(key)}: ${String(JSON.stringify(value)).slice(0, 40)}`;
  },
  (draft, roll) => {
    if (draft.json === undefined) return null;
    draft.json = nasty(roll);
    return `the body is ${String(JSON.stringify(draft.json)).slice(0, 60)}`;
  },
  (draft, roll) => {
    if (draft.json !== undefined || draft.method === 'GET') return null;
    draft.json = roll.pick<unknown>([{}, [], null, { a: 1 }, 'x', nasty(roll)]);
    draft.headers.push(['content-type', 'application/json']);
    return 'a body where none belongs';
  },
];

const inText: Mutation[] = [
  (draft, roll) => {
    if (draft.json === undefined) return null;
    const text = writeJson(draft.json);
    const at = roll.below(text.length + 1);
    const [what, changed] = roll.pick<[string, string]>([
      ['cut short', text.slice(0, at)],
      ['with something behind', `${text}${roll.pick(['}', ']', ',', 'x', '\u0000', text])}`],
      ['with a BOM', `\ufeff${text}`],
      ['with single quotes', text.replaceAll('"', "'")],
      ['with a comment', `/* */${text}`],
      ['with a hole', `${text.slice(0, at)}${text.slice(at + 1)}`],
      [
        'with a character too many',
        `${text.slice(0, at)}${roll.pick(['"', '\\', '{', '\n', '\u0007', 'é'])}${text.slice(at)}`,
      ],
      ['with a key twice', text.replace('{', '{"email":1,"email":2,')],
      ['with __proto__', text.replace('{', '{"__proto__":{"x":1},')],
      ['with a constructor', text.replace('{', '{"constructor":{"prototype":{"x":1}},')],
      ['empty', ''],
      ['blank', ' \n'],
    ]);
    draft.bytes = Buffer.from(changed);
    return `the body ${what}`;
  },
  (draft, roll) => {
    if (draft.json === undefined) return null;
    const bytes = Buffer.from(writeJson(draft.json));
    for (let i = 0; i < 3 && bytes.length > 0; i++) bytes[roll.below(bytes.length)] = roll.below(256);
    draft.bytes = bytes;
    return 'three bytes of the body changed';
  },
  (draft, roll) => {
    if (draft.json === undefined || !roll.chance(0.15)) return null;
    const size = roll.pick([1_048_576, 1_048_577, 1_100_000, 3_000_000]);
    draft.bytes = Buffer.from(`{"x":"${'a'.repeat(size - 8)}"}`);
    return `a body of ${size} bytes`;
  },
];

const inQuery: Mutation[] = [
  (draft, roll) => {
    if (draft.query.length === 0) return null;
    const at = roll.below(draft.query.length);
    const value = nastyText(roll).slice(0, 3000);
    draft.query[at] = [draft.query[at]![0], escaped(value)];
    return `?${draft.query[at]![0]}=${value.slice(0, 40)}`;
  },
  (draft, roll) => {
    if (draft.query.length === 0) return null;
    const one = roll.pick(draft.query);
    draft.query.push([one[0], roll.pick([one[1], '', escaped(nastyText(roll).slice(0, 200))])]);
    return `?${one[0]} twice`;
  },
  (draft, roll) => {
    const one = roll.pick<[string, string]>([
      ['page', '1000000000000'],
      ['page', '-1'],
      ['page', '0'],
      ['page', '1.5'],
      ['page', 'NaN'],
      ['page', '1e3'],
      ['page', '100001'],
      ['page', '99999'],
      ['limit', '0'],
      ['limit', '101'],
      ['limit', '-9223372036854775809'],
      ['limit', '1e400'],
      ['offset', '-1'],
      ['offset', '999999999999999999999'],
      ['cursor', 'eyJpZCI6MX0'],
      ['cursor', escaped('!!!')],
      ['cursor', 'A'.repeat(1100)],
      ['from', escaped('+275760-09-13T00:00:00.001Z')],
      ['from_date', '9999-12-31'],
      ['to_date', '0000-00-00'],
      ['from_date', escaped('2026-11-21T09:00:00+99:99')],
      ['search', '%25'],
      ['search', '%00'],
      ['search', escaped("' or 1=1 --")],
      ['sort', 'id;drop'],
      ['ids', ','],
      ['ids', Array.from({ length: 300 }, () => unknownId(roll)).join(',')],
      ['__proto__', 'x'],
      ['constructor', 'x'],
      ['__proto__[a]', 'x'],
      ['a[b][c]', '1'],
      ['a[]', '1'],
      ['status', '%ED%A0%80'],
      ['status', '%FF'],
      ['status', 'ACTIVE'],
      ['tenant_id', draft.seededTenant.ids.tenant],
      ['x'.repeat(5000), '1'],
      ['%', '%'],
      ['=&=', ''],
      ['=%zz', ''],
      ['=?', ''],
    ]);
    draft.query.push(one);
    return `?${one[0].slice(0, 30)}=${one[1].slice(0, 40)}`;
  },
];

const inPath: Mutation[] = [
  (draft, roll) => {
    const parts = draft.path.split('?')[0]!.split('/');
    const at = parts.findIndex((part) => /[0-9a-f]{8}-/.test(part));
    if (at < 0) return null;
    const value = roll.pick([
      unknownId(roll),
      draft.seededTenant.ids.user,
      draft.seededTenant.ids.conversation,
      draft.seededTenant.ids.channel,
      parts[at]!.toUpperCase(),
      `${parts[at]}0`,
      '1',
      '0',
      '-1',
      'null',
      '..',
      '%2e%2e%2f',
      '%00',
      '%',
      '%zz',
      '%E0%A4%A',
      '%ED%A0%80',
      escaped('ñ/ü'),
      escaped("' or 1=1 --"),
      'a'.repeat(255),
      'a'.repeat(300),
      ':id',
      '*',
      '[]',
      '__proto__',
      escaped(nastyText(roll).slice(0, 200)) || 'x',
    ]);
    parts[at] = value;
    draft.path = parts.join('/');
    return `the id ${value.slice(0, 40)}`;
  },
  (draft, roll) => {
    const [what, path] = roll.pick<[string, string]>([
      ['a slash behind', `${draft.path}/`],
      ['two slashes', draft.path.replace('/', '//')],
      ['dots', `/x/..${draft.path}`],
      ['escaped dots', `/%2e%2e${draft.path}`],
      ['capitals', draft.path.toUpperCase()],
      ['a bad escape behind', `${draft.path}%`],
      ['a semicolon', `${draft.path};a=b`],
      ['an extra segment', `${draft.path}/more`],
      ['a NUL', `${draft.path}%00`],
      ['a fragment', `${draft.path}#x`],
      ['another host', `http://elsewhere.example${draft.path}`],
      ['no slash', draft.path.slice(1)],
      ['raw bytes', `${draft.path}\u00ff\u00fe`],
      ['backslashes', draft.path.replaceAll('/', '\\')],
      ['a long tail', `${draft.path}/${'a/'.repeat(500)}`],
      ['an escaped letter', draft.path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
    ]);
    draft.path = path;
    return `the path with ${what}`;
  },
];

const inMethod: Mutation[] = [
  (draft, roll) => {
    const method = roll.pick([
      'GET',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY',
      'LOCK',
      'get',
      'FOO',
    ]);
    if (method === draft.method) return null;
    draft.method = method;
    return `${method} instead`;
  },
];

const setHeader = (draft: Draft, name: string, value: string) => {
  draft.headers = [...draft.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase()), [name, value]];
};

const inHeaders: Mutation[] = [
  (draft, roll) => {
    const type = roll.pick([
      'text/plain',
      'text/xml',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'application/json; charset=utf-16',
      'application/json;charset',
      'application/json;',
      'application/json, text/plain',
      'application/jsonx',
      'application/json/x',
      'APPLICATION/JSON',
      'application/vnd.api+json',
      'application/octet-stream',
      'application',
      '/',
      ';',
      '',
      'é/ü',
      'a'.repeat(2000),
      '*/*',
    ]);
    setHeader(draft, 'content-type', type);
    return `content-type ${type.slice(0, 50)}`;
  },
  (draft) => {
    const known = draft.headers.length;
    draft.headers = draft.headers.filter(([name]) => name !== 'content-type');
    return known === draft.headers.length ? null : 'without content-type';
  },
  (draft, roll) => {
    const [name, value] = roll.pick<[string, string]>([
      ['authorization', ''],
      ['authorization', 'Bearer'],
      ['authorization', 'Bearer '],
      ['authorization', `Bearer ${'a'.repeat(5000)}`],
      ['authorization', 'Bearer a.b.c'],
      ['authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
      ['authorization', 'Bearer \u00e9\u00ff'],
      ['authorization', 'Basic YTpi'],
      ['authorization', 'Bearer rcd_'],
      ['authorization', `Bearer rcd_${'x'.repeat(43)}`],
      ['authorization', 'Digest x'],
    ]);
    setHeader(draft, name, value);
    draft.knownCaller = false;
    return `authorization ${value.slice(0, 30)}`;
  },
  (draft, roll) => {
    const one = roll.pick<[string, string]>([
      ['x-forwarded-for', '1.2.3.4, 5.6.7.8'],
      ['x-forwarded-for', 'not an address'],
      ['x-forwarded-host', 'bots.localhost'],
      ['x-forwarded-proto', 'https'],
      ['forwarded', 'for=1.2.3.4;host=x'],
      ['x-tenant-id', unknownId(roll)],
      ['x-tenant-slug', 'otra-empresa'],
      ['x-tenant-slug', '\u00e9'],
      ['x-user-id', unknownId(roll)],
      ['x-recado-client-ip', '9.9.9.9'],
      ['x-request-id', 'x'.repeat(5000)],
      ['x-request-id', 'a b\u00ff'],
      ['traceparent', '00-zz-zz-zz'],
      ['traceparent', '00-00000000000000000000000000000000-0000000000000000-00'],
      ['tracestate', 'x'.repeat(3000)],
      ['idempotency-key', ''],
      ['idempotency-key', 'x'.repeat(3000)],
      ['idempotency-key', 'k\u00e9y'],
      ['idempotency-key', 'one-for-all'],
      ['if-none-match', '*'],
      ['if-none-match', '"x", W/"y", ,'],
      ['if-none-match', 'x'.repeat(4000)],
      ['if-modified-since', 'yesterday'],
      ['accept', 'image/png'],
      ['accept-encoding', 'gzip;q=x, *'],
      ['accept-language', '\u00ff,,;q=9'],
      ['content-encoding', 'gzip'],
      ['content-encoding', 'br'],
      ['content-language', 'x'],
      ['range', 'bytes=9-1'],
      ['cookie', `${'a=b;'.repeat(500)}`],
      ['user-agent', 'x'.repeat(6000)],
      ['user-agent', '\u00ff\u00fe'],
      ['origin', 'https://evil.example'],
      ['origin', 'null'],
      ['referer', 'javascript:alert(1)'],
      ['host', 'bots.localhost'],
      ['host', 'inbox.localhost:99999'],
      ['host', 'scheduler.localhost'],
      ['host', '[::1'],
      ['host', 'a'.repeat(300)],
      ['host', ''],
      ['expect', '100-continue'],
      ['expect', 'miracles'],
      ['connection', 'close'],
      ['connection', 'keep-alive, x-tenant-id'],
      ['x-http-method-override', 'DELETE'],
      ['x-hub-signature-256', 'sha256=zz'],
      ['x-hub-signature-256', 'x'.repeat(500)],
      ['x-hub-signature', `sha1=${'0'.repeat(40)}`],
      ['access-control-request-method', 'POST'],
      ['sec-websocket-key', 'x'],
      ['bad header', 'x'],
      ['x-long', 'x'.repeat(20_000)],
    ]);
    if (one[0] === 'host') setHeader(draft, ...one);
    else draft.headers.push(one);
    if (one[0] === 'x-hub-signature-256') draft.sign = false;
    return `${one[0]}: ${one[1].slice(0, 40)}`;
  },
  (draft, roll) => {
    const to = roll.pick(['websocket', 'h2c', 'x']);
    draft.headers.push(['connection', 'Upgrade'], ['upgrade', to]);
    if (to === 'websocket' && roll.chance(0.5)) {
      draft.headers.push(['sec-websocket-version', '13'], ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ==']);
    }
    return `upgrade to ${to}`;
  },
  (draft, roll) => {
    const again = roll.pick(draft.headers);
    draft.headers.push([again[0], roll.pick([again[1], 'x'])]);
    return `${again[0]} twice`;
  },
];

const inFraming: Mutation[] = [
  (draft, roll) => {
    const framing = roll.pick(['chunked', 'chunked-odd', 'chunked-odd', 'short', 'both'] as const);
    draft.framing = framing;
    return `framing ${framing}`;
  },
  (draft, roll) => {
    if (!roll.chance(0.3)) return null;
    draft.sign = false;
    draft.headers.push(['x-hub-signature-256', `sha256=${'0'.repeat(64)}`]);
    return 'a signature of nobody';
  },
];

/** How often each place is spoiled, of a hundred. */
const WEIGHTS: [share: number, from: Mutation[]][] = [
  [46, inValue],
  [10, inText],
  [14, inQuery],
  [10, inPath],
  [4, inMethod],
  [12, inHeaders],
  [4, inFraming],
];

/**
 * Spoils a request once, by these dice alone. Null: they fell on something this request does not
 * have.
 */
export function mutate(draft: Draft, roll: Dice): string | null {
  let at = roll.below(100);
  for (const [share, from] of WEIGHTS) {
    at -= share;
    if (at < 0) return roll.pick(from)(draft, roll);
  }
  return null;
}

import { expect, test } from 'vitest';
import { lazyLog, prettyLine, Unavailable } from '../src/index.ts';
import { memoryLogger } from './helpers.ts';

const CANARY = 'canary-7f3a';
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJ0aWQiOiIxIn0.${CANARY}`;
const circular: Record<string, unknown> = { token: CANARY };
circular.self = circular;

test.each<[string, unknown, string?]>([
  ['authorization header', { headers: { authorization: `Bearer ${CANARY}`, cookie: `a=${CANARY}` } }],
  ['at any depth', { a: { b: [{ c: { accessToken: CANARY, refresh_token: CANARY } }] } }],
  ['passwords', { password: CANARY, newPassword: CANARY, passwordHash: CANARY }],
  ['api keys', { apiKey: CANARY, api_key: CANARY, 'x-api-key': CANARY, openaiApiKey: CANARY }],
  [
    'secrets and credentials',
    { appSecret: CANARY, credentials: { anything: CANARY }, privateKey: CANARY, backupCodes: [CANARY] },
  ],
  ['lists of tokens', { tokens: [CANARY, CANARY] }],
  ['maps and objects with toJSON', { m: new Map([['token', CANARY]]), o: { toJSON: () => ({ secret: CANARY }) } }],
  ['circular objects', circular],
  [
    'an error that carries its request',
    Object.assign(new Error('x'), { config: { headers: CANARY }, parameters: [CANARY], detail: CANARY }),
  ],
  [
    'a cause that carries a token',
    new Unavailable('meta', Object.assign(new Error(`GET /me?access_token=${CANARY}`), { token: CANARY })),
  ],
  ['bearer in a message', {}, `calling with Bearer ${CANARY}`],
  ['jwt in a message', {}, `got ${JWT} back`],
  ['url credentials', { url: `postgres://app:${CANARY}@db:5432/x` }, `to redis://:${CANARY}@cache`],
  ['query string', { url: `https://g/v1?access_token=${CANARY}&x=1` }, `GET /?api_key=${CANARY}`],
  ['json in text', { body: JSON.stringify({ password: CANARY, nested: { token: CANARY } }) }],
  ['key: value in a message', {}, `password: ${CANARY}, secret=${CANARY}`],
])('%s never shows', (_name, fields, message) => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, text, lines } = memoryLogger(format);
    if (fields instanceof Error) log.error({ err: fields, other: fields }, message);
    else log.info(fields as object, message);
    log.child(fields instanceof Error ? {} : (fields as object)).warn(message ?? 'x');
    expect(text()).not.toContain(CANARY);
    if (format === 'json') for (const line of lines) expect(JSON.parse(line).name).toBe('test');
  }
});

test('measures, ids and ordinary text stay as they are', () => {
  const { log, lines } = memoryLogger();
  log.info(
    { tokensUsed: 12, maxTokens: 5, tenantId: 't', url: 'https://example.com/a?b=c', mail: 'a@b.c' },
    'the token bucket is empty',
  );
  expect(JSON.parse(lines[0]!)).toMatchObject({
    tokensUsed: 12,
    maxTokens: 5,
    tenantId: 't',
    url: 'https://example.com/a?b=c',
    mail: 'a@b.c',
    msg: 'the token bucket is empty',
    level: 'info',
  });
});

test('an error keeps type, code, stack and causes', () => {
  const { log, lines } = memoryLogger();
  log.error(
    { err: new Unavailable('nats', Object.assign(new Error('inner'), { code: 'ECONNRESET' })) },
    'publishing failed',
  );
  expect(JSON.parse(lines[0]!).err).toMatchObject({
    type: 'Unavailable',
    message: 'nats is unavailable',
    code: 'unavailable',
    stack: expect.stringContaining('logger.test.ts'),
    cause: { message: 'inner', code: 'ECONNRESET' },
  });
});

test('pretty is one readable line', () => {
  const line =
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","name":"gateway","tenantId":"t1","path":"/a b","ms":3,"msg":"request"}\n';
  expect(prettyLine(line, false)).toBe('03:04:05.678 INFO  gateway request tenantId=t1 path="/a b" ms=3\n');
});

test('a lazy log makes its child once, and only when used', () => {
  const { log, lines } = memoryLogger();
  let made = 0;
  const lazy = lazyLog(log, () => ({ requestId: `r${++made}` }));
  expect(made).toBe(0);
  lazy.info('one');
  lazy.child({ step: 2 }).warn('two');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { requestId: 'r1', msg: 'one' },
    { requestId: 'r1', step: 2, msg: 'two' },
  ]);
  expect(lazy.level).toBe('trace');
});

import { randomBytes } from 'node:crypto';
import { identityApi } from '@recado/contracts';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  auditOf,
  codeOf,
  completeLogin,
  enableTwoFactor,
  login,
  me,
  PASSWORD,
  register,
  wrongCode,
} from './accounts.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let sql: postgres.Sql;
beforeAll(async () => {
  running = await startForTest();
  sql = postgres(running.database.adminUrl, { max: 2 });
});
afterAll(async () => {
  await sql.end();
  await running.stop();
});

/** A user with a second factor, and the first step of a log-in. */
async function withFactor() {
  const session = await register(running);
  const factor = await enableTwoFactor(running, session);
  return { ...factor, session, email: session.user.email };
}
async function challengeFor(email: string): Promise<string> {
  const { status, body } = await login(running, email);
  expect(status).toBe(401);
  return body.error.challengeToken;
}

describe('switching the second factor on', () => {
  it('shows a secret, a QR code and ten backup codes, and asks for nothing before a code was verified', async () => {
    const session = await register(running);
    const { status, body } = await call(running, identityApi.enableTwoFactor, { caller: callerOf(session) });
    expect(status).toBe(200);
    expect(identityApi.enableTwoFactor.responses[200].parse(body)).toEqual(body);
    expect(body.secret).toMatch(/^[A-Z2-7]{32}$/);
    const url = new URL(body.otpauthUrl);
    expect(decodeURIComponent(url.pathname)).toBe(`/Recado:${session.user.email}`);
    expect(url.searchParams.get('issuer')).toBe('Recado');
    expect(url.searchParams.get('secret')).toBe(body.secret);
    expect(Buffer.from(body.qrCode.replace('data:image/png;base64,', ''), 'base64').subarray(1, 4).toString()).toBe(
      'PNG',
    );
    expect(new Set(body.backupCodes).size).toBe(10);
    expect(await login(running, session.user.email)).toMatchObject({ status: 200 });
    expect((await me(running, session)).body.user.twoFactor).toBe(false);
  });

  it('keeps neither secret nor backup codes readable', async () => {
    const { secret, backupCodes, session } = await withFactor();
    const rows = await sql`
      select f.*, array(select encode(code_hash, 'escape') from identity.backup_codes b where b.user_id = f.user_id) as codes
      from identity.two_factors f where user_id = ${session.user.id}`;
    expect(rows).toHaveLength(1);
    const stored = JSON.stringify(rows);
    for (const one of [secret, ...backupCodes]) expect(stored).not.toContain(one);
    expect(rows[0]!.sealed_secret).toMatch(/^s1\.k1\./);
    expect(rows[0]!.codes).toHaveLength(10);
  });

  it('accepts a code of the authenticator, and then shows on the user', async () => {
    const session = await register(running);
    const caller = callerOf(session);
    const verify = (code: string) => call(running, identityApi.verifyTwoFactor, { caller, body: { code } });
    expect(await verify('123456')).toMatchObject({ status: 409, body: { error: { entity: 'two_factor' } } });
    const { secret, backupCodes } = (await call(running, identityApi.enableTwoFactor, { caller })).body;
    expect(await verify(wrongCode(secret))).toMatchObject({
      status: 422,
      body: { error: { details: [{ field: 'code' }] } },
    });
    expect(await verify(backupCodes[0])).toMatchObject({ status: 422 });
    expect(await verify(codeOf(secret))).toMatchObject({ status: 204 });
    expect((await me(running, session)).body.user.twoFactor).toBe(true);
    expect(await verify(codeOf(secret))).toMatchObject({ status: 409 });
    expect(await call(running, identityApi.enableTwoFactor, { caller })).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict', entity: 'two_factor' } },
    });
  });

  it('begun again replaces the secret and the codes', async () => {
    const session = await register(running);
    const caller = callerOf(session);
    const begin = async () => (await call(running, identityApi.enableTwoFactor, { caller })).body;
    const first = await begin();
    const second = await begin();
    const verify = (code: string) => call(running, identityApi.verifyTwoFactor, { caller, body: { code } });
    expect(await verify(codeOf(first.secret))).toMatchObject({ status: 422 });
    expect(await verify(codeOf(second.secret))).toMatchObject({ status: 204 });
    const answer = await login(running, session.user.email, { code: first.backupCodes[0] });
    expect(answer).toMatchObject({ status: 401 });
    expect(await login(running, session.user.email, { code: second.backupCodes[0] })).toMatchObject({ status: 200 });
  });

  it('needs a user with a live session, not an API key or an ended session', async () => {
    const session = await register(running);
    const caller = callerOf(session);
    await call(running, identityApi.logout, { caller });
    expect(await call(running, identityApi.enableTwoFactor, { caller })).toMatchObject({ status: 401 });
    const machine = { ...caller, userId: null, role: 'key' as const, sessionId: undefined };
    expect(await call(running, identityApi.enableTwoFactor, { caller: machine })).toMatchObject({ status: 401 });
  });
});

describe('a log-in with a second factor', () => {
  it('gets a challenge, which opens a session once with a code', async () => {
    const { secret, email, session } = await withFactor();
    const first = await login(running, email);
    expect(first).toMatchObject({ status: 401, body: { error: { code: 'two_factor_required' } } });
    const { challengeToken } = first.body.error;
    const done = await completeLogin(running, challengeToken, codeOf(secret), { ip: '192.0.2.7' });
    expect(done).toMatchObject({ status: 200, body: { user: { id: session.user.id, twoFactor: true } } });
    expect(await me(running, done.body)).toMatchObject({ status: 200 });
    expect(await completeLogin(running, challengeToken, codeOf(secret, 1))).toMatchObject({ status: 401 });
    const [row] = await sql`select ip from identity.sessions where id = ${callerOf(done.body).sessionId!}`;
    expect(row!.ip).toBe('192.0.2.7');
  });

  it('may bring the code along', async () => {
    const { secret, email } = await withFactor();
    expect(await login(running, email, { code: wrongCode(secret) })).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_credentials' } },
    });
    expect(await login(running, email, { code: codeOf(secret) })).toMatchObject({ status: 200 });
  });

  it.each([
    ['a space', ' '],
    ['a no-break space', '\u00a0'],
    ['a narrow no-break space', '\u202f'],
    ['a dash', '-'],
    ['an en dash', '\u2013'],
    ['a zero-width space', '\u200b'],
  ])('takes a code with %s in the middle and around it', async (_, filling) => {
    const { secret, email } = await withFactor();
    const spaced = (code: string) => `${filling}${code.slice(0, 3)}${filling}${code.slice(3)}${filling}`;
    expect(await login(running, email, { code: spaced(codeOf(secret)) })).toMatchObject({ status: 200 });
    const challenge = await challengeFor(email);
    expect(await completeLogin(running, challenge, spaced(codeOf(secret, 1)))).toMatchObject({ status: 200 });
  });

  it('counts only wrong codes as tries, not malformed ones', async () => {
    const { secret, email, session } = await withFactor();
    const challenge = await challengeFor(email);
    const malformed = ['12345', '1234567', '12345a', 'abcdef', '12 34', '', '......', '١٢٣٤٥٦'];
    for (const code of [...malformed, ...malformed]) {
      const refused = { status: 422, body: { error: { details: [{ field: 'code' }] } } };
      expect(await login(running, email, { code }), code).toMatchObject(refused);
      expect(await completeLogin(running, challenge, code), code).toMatchObject(refused);
    }
    const [row] = await sql`select wrong_at, locked_until from identity.two_factors where user_id = ${session.user.id}`;
    expect(row).toEqual({ wrong_at: [], locked_until: null });
    expect(await completeLogin(running, challenge, codeOf(secret))).toMatchObject({ status: 200 });
  });

  it('reveals the second factor only after the right password', async () => {
    const { secret, email } = await withFactor();
    const answer = await login(running, email, { password: 'something else', code: codeOf(secret) });
    expect(answer.text).toBe((await login(running, 'nobody@tienda.example', { password: 'something else' })).text);
  });

  it('takes each code of the authenticator once, and none older than the last', async () => {
    const { secret, email } = await withFactor();
    const next = codeOf(secret, 1);
    expect(await login(running, email, { code: next })).toMatchObject({ status: 200 });
    expect(await login(running, email, { code: next })).toMatchObject({ status: 401 });
    expect(await login(running, email, { code: codeOf(secret) })).toMatchObject({ status: 401 });
    // Sent again it was no guess: nothing is locked.
    for (let i = 0; i < 6; i++) expect(await login(running, email, { code: next })).toMatchObject({ status: 401 });
  });

  it('accepts a code once of 50 in parallel', async () => {
    const { secret, email } = await withFactor();
    const code = codeOf(secret);
    const challenges = await Promise.all(Array.from({ length: 5 }, () => challengeFor(email)));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => completeLogin(running, challenges[i % 5]!, code)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it('accepts a backup code once, in any spelling, also in parallel', async () => {
    const { backupCodes, email } = await withFactor();
    const [first, second] = backupCodes as [string, string];
    expect(await login(running, email, { code: first.toUpperCase().replaceAll('-', ' ') })).toMatchObject({
      status: 200,
    });
    expect(await login(running, email, { code: first })).toMatchObject({ status: 401 });
    const challenges = await Promise.all(Array.from({ length: 10 }, () => challengeFor(email)));
    const answers = await Promise.all(challenges.map((challenge) => completeLogin(running, challenge, second)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('is locked by the fifth wrong code, over all challenges, in parallel too, until 15 minutes have passed', async () => {
    const { secret, backupCodes, email, session } = await withFactor();
    const challenges = await Promise.all(Array.from({ length: 5 }, () => challengeFor(email)));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => completeLogin(running, challenges[i % 5]!, wrongCode(secret))),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4);
    const locked = answers.filter(({ status }) => status === 429);
    expect(locked).toHaveLength(16);
    for (const { headers, body } of locked) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(890);
      expect(body.error.code).toBe('too_many_requests');
    }
    // Right codes are refused too, in every step, and so is a new challenge.
    expect(await completeLogin(running, await challengeFor(email), codeOf(secret))).toMatchObject({ status: 429 });
    expect(await login(running, email, { code: backupCodes[0] })).toMatchObject({ status: 429 });
    const other = { caller: callerOf(session), body: { password: PASSWORD, code: codeOf(secret) } };
    expect(await call(running, identityApi.disableTwoFactor, other)).toMatchObject({ status: 429 });
    await sql`update identity.two_factors set locked_until = now() where user_id = ${session.user.id}`;
    expect(await login(running, email, { code: codeOf(secret) })).toMatchObject({ status: 200 });
  });

  it('counts wrong codes of the last 15 minutes only', async () => {
    const { secret, email, session } = await withFactor();
    const wrong = () => login(running, email, { code: wrongCode(secret) });
    for (let i = 0; i < 4; i++) expect(await wrong()).toMatchObject({ status: 401 });
    await sql`
      update identity.two_factors set wrong_at = array(select at - interval '15 minutes' from unnest(wrong_at) as t (at))
      where user_id = ${session.user.id}`;
    expect(await wrong()).toMatchObject({ status: 401 });
    expect(await login(running, email, { code: codeOf(secret) })).toMatchObject({ status: 200 });
  });

  it('ends with a challenge tried ten times, or older than five minutes, or shown to another edition', async () => {
    const { secret, email, session } = await withFactor();
    const tried = await challengeFor(email);
    await sql`update identity.login_challenges set tries = 9 where user_id = ${session.user.id}`;
    expect(await completeLogin(running, tried, wrongCode(secret))).toMatchObject({ status: 401 });
    expect(await completeLogin(running, tried, codeOf(secret))).toMatchObject({
      status: 401,
      body: { error: { code: 'unauthorized' } },
    });
    const old = await challengeFor(email);
    await sql`update identity.login_challenges set expires_at = now() where user_id = ${session.user.id}`;
    expect(await completeLogin(running, old, codeOf(secret))).toMatchObject({ status: 401 });
    const own = await challengeFor(email);
    expect(await completeLogin(running, own, codeOf(secret), { edition: 'crm' })).toMatchObject({ status: 401 });
    expect(await completeLogin(running, 'x'.repeat(64), codeOf(secret))).toMatchObject({ status: 401 });
    const foreign = await challengeFor((await withFactor()).email);
    expect(await completeLogin(running, foreign.slice(0, 21) + own.slice(21), codeOf(secret))).toMatchObject({
      status: 401,
    });
    expect(await completeLogin(running, own, codeOf(secret))).toMatchObject({ status: 200 });
  });

  it('keeps at most ten challenges of a user, and no token of theirs', async () => {
    const { email, session } = await withFactor();
    const tokens: string[] = [];
    for (let i = 0; i < 12; i++) tokens.push(await challengeFor(email));
    const rows = await sql`select * from identity.login_challenges where user_id = ${session.user.id}`;
    expect(rows).toHaveLength(10);
    for (const token of tokens) expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('of a user who was suspended between the steps goes no further', async () => {
    const { secret, email, session } = await withFactor();
    const challenge = await challengeFor(email);
    await sql`update identity.users set status = 'suspended' where id = ${session.user.id}`;
    expect(await completeLogin(running, challenge, codeOf(secret))).toMatchObject({ status: 403 });
  });

  it('is also needed after a change of the password, and older challenges end', async () => {
    const { secret, email, session } = await withFactor();
    const challenge = await challengeFor(email);
    const body = { currentPassword: PASSWORD, newPassword: 'another fine password' };
    expect(await call(running, identityApi.changePassword, { caller: callerOf(session), body })).toMatchObject({
      status: 204,
    });
    expect(await completeLogin(running, challenge, codeOf(secret))).toMatchObject({ status: 401 });
    const again = await login(running, email, { password: 'another fine password' });
    expect(again.body.error.code).toBe('two_factor_required');
    expect(await completeLogin(running, again.body.error.challengeToken, codeOf(secret))).toMatchObject({
      status: 200,
    });
  });
});

describe('switching the second factor off', () => {
  it('needs the password and a code, and removes all data', async () => {
    const { secret, backupCodes, email, session } = await withFactor();
    const disable = (password: string, code: string) =>
      call(running, identityApi.disableTwoFactor, { caller: callerOf(session), body: { password, code } });
    expect(await disable('not the password', codeOf(secret))).toMatchObject({
      status: 422,
      body: { error: { details: [{ field: 'password' }] } },
    });
    expect(await disable(PASSWORD, wrongCode(secret))).toMatchObject({
      status: 422,
      body: { error: { details: [{ field: 'code' }] } },
    });
    expect(await login(running, email)).toMatchObject({ status: 401 });
    expect(await disable(PASSWORD, backupCodes[0]!)).toMatchObject({ status: 204 });
    expect(await login(running, email)).toMatchObject({ status: 200, body: { user: { twoFactor: false } } });
    expect(await disable(PASSWORD, backupCodes[1]!)).toMatchObject({ status: 409 });
    for (const table of ['two_factors', 'backup_codes', 'login_challenges']) {
      expect(await sql`select 1 from identity.${sql(table)} where user_id = ${session.user.id}`).toHaveLength(0);
    }
  });
});

describe('the key ring of secrets', () => {
  it('may get a new first key: secrets move to it at log-ins, and backup codes need none', async () => {
    const [old, fresh] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
    const before = await startForTest({ RECADO_SECRETS_KEYS: `old:${old}` });
    const session = await register(before);
    const { secret, backupCodes } = await enableTwoFactor(before, session);
    await before.identity.stop();
    const env = {
      DATABASE_URL: before.database.appUrl('identity'),
      DATABASE_WORKER_URL: before.database.workerUrl('identity'),
    };
    const restarted = async (keys: string, work: (running: Running) => Promise<void>) => {
      const next = await startForTest({ ...env, RECADO_SECRETS_KEYS: keys });
      await work(next).finally(() => next.stop());
    };
    const { email } = session.user;
    await restarted(`fresh:${fresh},old:${old}`, async (next) => {
      expect(await login(next, email, { code: codeOf(secret) })).toMatchObject({ status: 200 });
    });
    await restarted(`fresh:${fresh}`, async (next) => {
      expect(await login(next, email, { code: codeOf(secret, 1) })).toMatchObject({ status: 200 });
    });
    await restarted(`lost:${old}`, async (next) => {
      expect(await login(next, email, { code: codeOf(secret, 2) })).toMatchObject({ status: 401 });
      expect(await login(next, email, { code: backupCodes[0] })).toMatchObject({ status: 200 });
    });
    await before.database.drop();
  });
});

describe('the audit log', () => {
  it('keeps each step of a second factor once, and what failed, without a code', async () => {
    const { secret, backupCodes, email, session } = await withFactor();
    await login(running, email, { code: wrongCode(secret), ip: '198.51.100.4', userAgent: 'Firefox', edition: 'crm' });
    await completeLogin(running, await challengeFor(email), backupCodes[0]!);
    const caller = callerOf(session);
    const off = { password: PASSWORD, code: backupCodes[1]! };
    await call(running, identityApi.disableTwoFactor, { caller, body: off });
    const entries = await auditOf(sql, session.tenant.id);
    expect(entries.map(({ action, success, reason }) => [action, success, reason])).toEqual([
      ['tenant.create', true, null],
      ['two_factor.begin', true, null],
      ['two_factor.enable', true, null],
      ['session.create', false, 'invalid_credentials'],
      ['session.create', true, null],
      ['two_factor.disable', true, null],
    ]);
    expect(entries[2]).toMatchObject({
      actor: { kind: 'user', userId: session.user.id },
      entityType: 'user',
      entityId: session.user.id,
      changes: { twoFactor: { from: false, to: true } },
    });
    expect(entries[3]).toMatchObject({
      actor: { kind: 'anonymous', userId: null },
      entityId: session.user.id,
      ip: '198.51.100.4',
      userAgent: 'Firefox',
      edition: 'crm',
    });
    const all = JSON.stringify(entries);
    for (const one of [secret, PASSWORD, ...backupCodes]) expect(all).not.toContain(one);
  });
});

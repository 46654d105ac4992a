import { setTimeout as pause } from 'node:timers/promises';
import { identityApi, type Session } from '@recado/contracts';
import { eventually, type Sandbox, startSandbox } from '@recado/testkit';
import { createDecoder } from 'fast-jwt';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, callerOf, type Running, registration, startForTest } from './support.ts';

let running: Running;
let sandbox: Sandbox;
let sql: postgres.Sql;
const PASSWORD = 'correct horse battery';
const CONFIRM_URL = 'https://app.example/confirm';
const env = () => ({
  RECADO_EMAIL_PROOF: 'required',
  RECADO_SMTP_URL: `${sandbox.smtpUrl}?ignoreTLS=true`,
  RECADO_MAIL_FROM: 'Recado <no-reply@recado.example>',
  RECADO_CONFIRM_URL: CONFIRM_URL,
});
const times = { deadlineMs: 400, leaseMs: 1000, firstPauseMs: 50 };

beforeAll(async () => {
  sandbox = await startSandbox();
  running = await startForTest(env(), { mail: times });
  sql = postgres(running.database.adminUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await sql?.end();
  await running?.stop();
  await sandbox?.stop();
});
beforeEach(() => sandbox.control.setBehaviour({ mail: { fault: 'none' } }));

let counter = 0;
const freshEmail = () => `person${++counter}@tienda.example`;

async function register(email: string, given: object = {}): Promise<Session> {
  const answer = await call(running, identityApi.register, { body: registration({ email, ...given }) });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

/** The latest mail to an address, once there are this many. */
async function mailTo(email: string, nth = 1): Promise<{ subject: string; text: string; messageId: string }> {
  return eventually(async () => {
    const mails = await sandbox.control.mails(email);
    expect(mails.length).toBe(nth);
    return mails.at(-1)!;
  });
}
const codeIn = ({ text }: { text: string }) => /\b\d{8}\b/.exec(text)?.[0] ?? 'none';
const tokenIn = ({ text }: { text: string }) => new URL(/https:\S+/.exec(text)![0]).searchParams.get('token')!;

const prove = (body: object, session?: Session, one = running) =>
  call(one, identityApi.proveEmail, { body, ...(session ? { caller: callerOf(session) } : { caller: guest }) });
const guest = { role: 'service', userId: null, service: 'gateway' } as const;
const login = (email: string, password = PASSWORD) =>
  call(running, identityApi.login, { body: { edition: 'saas', email, password } });
const unprovedUntil = async (session: Session) =>
  (await call(running, identityApi.getTenant, { caller: callerOf(session) })).body?.unprovedUntil;

describe('an open registration', () => {
  it('answers as documented, with a token that says unproved, and the code proves it', async () => {
    const email = freshEmail();
    const session = await register(email);
    expect(session.user.email).toBe(email);
    expect(createDecoder()(session.accessToken)).toMatchObject({ unproved: true });
    expect(Date.parse(session.tenant.unprovedUntil!)).toBeGreaterThan(Date.now() + 2 * 86_400_000);

    const mail = await mailTo(email);
    expect(mail.subject).toBe('Confirma tu correo electrónico');
    expect((await prove({ code: codeIn(mail) }, session)).status).toBe(204);
    expect(await unprovedUntil(session)).toBeNull();
    const again = await login(email);
    expect(createDecoder()(again.body.accessToken)).not.toHaveProperty('unproved');
    // A second click on the link changes nothing.
    expect((await prove({ token: tokenIn(mail) })).status).toBe(204);

    const events = await sql`
      select subject, envelope as payload from identity.outbox where tenant_id = ${session.tenant.id} order by id`;
    const tenantEvents = events.filter(({ subject }) => /\.tenant\./.test(subject));
    expect(tenantEvents.map(({ payload }) => /"unproved":\s*(\w+)/.exec(payload)?.[1])).toEqual(['true', 'false']);
    expect(events.filter(({ payload }) => payload.includes('tenant.prove'))).toHaveLength(1);
  });

  it('is mailed again in the language of its tenant, for a call of any edition', async () => {
    const email = freshEmail();
    const session = await register(email, { edition: 'inbox' });
    expect(session.tenant.language).toBe('pt');
    await mailTo(email);
    await sql`update identity.mails set created_at = created_at - interval '2 minutes' where recipient = ${email}`;
    const caller = { ...callerOf(session), edition: 'saas' as const };
    expect((await call(running, identityApi.resendProof, { caller })).status).toBe(204);
    expect((await mailTo(email, 2)).subject).toBe('Confirme seu e-mail');
  });

  it('is proved by the link without a session, in the language of its edition', async () => {
    const email = freshEmail();
    const session = await register(email, { edition: 'inbox' });
    const mail = await mailTo(email);
    expect(mail.subject).toBe('Confirme seu e-mail');
    expect((await prove({ token: tokenIn(mail) })).status).toBe(204);
    expect(await unprovedUntil(session)).toBeNull();
  });

  it('may read and end its session, and makes no users, keys or changes', async () => {
    const session = await register(freshEmail());
    const caller = callerOf(session);
    const unproved = { ...caller, unproved: true as const };
    expect((await call(running, identityApi.listUsers, { caller: unproved })).status).toBe(200);
    const user = { email: 'x@tienda.example', password: PASSWORD, firstName: 'Eva' };
    const key = { name: 'máquina', permissions: ['chats.read'], expiresAt: null };
    // Refused by what the token says, and by what the table says when the token says nothing.
    for (const one of [unproved, caller]) {
      const refused = { status: 403, body: { error: { code: 'email_unproved' } } };
      expect(await call(running, identityApi.createUser, { caller: one, body: user })).toMatchObject(refused);
      expect(await call(running, identityApi.createApiKey, { caller: one, body: key })).toMatchObject(refused);
    }
    const rename = await call(running, identityApi.updateTenant, { caller: unproved, body: { name: 'Otra' } });
    expect(rename.body).toMatchObject({ error: { code: 'email_unproved' } });
    expect((await call(running, identityApi.logout, { caller: unproved })).status).toBe(204);
  });

  it('shows no token or code in tables and events', async () => {
    const email = freshEmail();
    const session = await register(email);
    const mail = await mailTo(email);
    const [tables] = await sql`
      select string_agg(row_to_json(t)::text, '') as rows from (
        select to_jsonb(p) as row from identity.email_proofs p where tenant_id = ${session.tenant.id}
        union all select to_jsonb(m) from identity.mails m where tenant_id = ${session.tenant.id}
        union all select to_jsonb(o) from identity.outbox o where tenant_id = ${session.tenant.id}) t`;
    expect(tables!.rows).toContain(session.tenant.id);
    expect(tables!.rows).not.toContain(tokenIn(mail));
    expect(tables!.rows).not.toContain(codeIn(mail));
  });
});

describe('a code', () => {
  it('is refused when wrong, by the name of the field, and after ten wrong ones altogether', async () => {
    const email = freshEmail();
    const session = await register(email);
    const mail = await mailTo(email);
    const right = codeIn(mail);
    const wrong = right === '00000000' ? '00000001' : '00000000';
    for (let i = 0; i < 10; i++)
      expect(await prove({ code: wrong }, session)).toMatchObject({
        status: 422,
        body: { error: { details: [{ field: 'code', code: 'email_proof' }] } },
      });
    expect((await prove({ code: right }, session)).status).toBe(429);
    expect(await unprovedUntil(session)).not.toBeNull();
  });

  it('needs a user, and is valid only for its company', async () => {
    const [email, other] = [freshEmail(), freshEmail()];
    await register(email);
    const mail = await mailTo(email);
    expect((await prove({ code: codeIn(mail) })).status).toBe(401);
    expect((await prove({ code: codeIn(mail) }, await register(other))).status).toBe(422);
    expect(await prove({})).toMatchObject({ status: 422, body: { error: { details: [{ field: 'code' }] } } });
    expect((await prove({ token: 'nonsense' })).status).toBe(422);
  });

  it('is sent again once a minute and five times a day, and the old one stops working', async () => {
    const email = freshEmail();
    const session = await register(email);
    const first = await mailTo(email);
    const resend = () => call(running, identityApi.resendProof, { caller: callerOf(session) });
    const early = await resend();
    expect(early.status).toBe(429);
    expect(Number(early.headers['retry-after'])).toBeGreaterThan(30);
    const older = () => sql`
      update identity.mails set created_at = created_at - interval '61 seconds' where tenant_id = ${session.tenant.id}`;
    await older();
    const both = await Promise.all([resend(), resend()]);
    expect(both.map(({ status }) => status).sort()).toEqual([204, 429]);
    const second = await mailTo(email, 2);
    expect(codeIn(second)).not.toBe(codeIn(first));
    expect((await prove({ token: tokenIn(first) })).status).toBe(422);
    for (let i = 3; i <= 5; i++) {
      await older();
      expect((await resend()).status).toBe(204);
    }
    await older();
    expect((await resend()).status).toBe(429);
    expect((await prove({ code: codeIn(await mailTo(email, 5)) }, session)).status).toBe(204);
    await older();
    expect((await resend()).status).toBe(204);
    await pause(200);
    expect(await sandbox.control.mails(email)).toHaveLength(5);
  });
});

describe('an address', () => {
  it('is not held by an unproved registration: the first of many to prove it gets it', async () => {
    const email = freshEmail();
    const squatter = await register(email, { password: 'the squatter was here' });
    const owner = await register(email);
    const mails = await eventually(async () => {
      const found = await sandbox.control.mails(email);
      expect(found).toHaveLength(2);
      return found;
    });
    const answers = await Promise.all(mails.map((mail) => prove({ token: tokenIn(mail) })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    const refused = answers.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ error: { code: 'conflict', entity: 'user' } });
    const states = await Promise.all([squatter, owner].map(unprovedUntil));
    expect(states.filter((state) => state === null)).toHaveLength(1);
    // The other ends, and can prove nothing any more.
    await eventually(async () => {
      const [left] = await sql`
        select count(*)::int as count from identity.tenants
        where tenant_id in (${squatter.tenant.id}, ${owner.tenant.id}) and unproved_until > now()`;
      expect(left!.count).toBe(0);
    });
    for (const mail of mails) expect([204, 422]).toContain((await prove({ token: tokenIn(mail) })).status);
  });

  it('that has an owner gets the same answer, and a warning without a code', async () => {
    const email = freshEmail();
    const owner = await register(email);
    await prove({ token: tokenIn(await mailTo(email)) });
    const second = await call(running, identityApi.register, {
      body: registration({ email, password: 'somebody else entirely' }),
    });
    expect(second.status).toBe(201);
    expect(Object.keys(second.body).sort()).toEqual(Object.keys(owner).sort());
    expect(second.body.user.email).toBe(email);
    const warning = await mailTo(email, 2);
    expect(warning.subject).toBe('Alguien intentó registrarse con tu correo');
    expect(codeIn(warning)).toBe('none');
    expect(warning.text).not.toContain('token=');
    // Each password opens its own company.
    expect((await login(email)).body.tenant.id).toBe(owner.tenant.id);
    expect((await login(email, 'somebody else entirely')).body.tenant.id).toBe(second.body.tenant.id);
    expect((await login(email, 'nobody has this one')).status).toBe(401);
  });

  it('gets ten mails a day at most, and registrations go on', async () => {
    const email = freshEmail();
    for (let i = 0; i < 12; i++) await register(email);
    await mailTo(email, 10);
    await pause(200);
    expect(await sandbox.control.mails(email)).toHaveLength(10);
  });
});

describe('an invitation', () => {
  it('proves its address where registration is open', async () => {
    const email = freshEmail();
    const operator = { role: 'service', service: 'operator', userId: null } as const;
    const made = await call(running, identityApi.createInvitation, { body: { email, days: 1 }, caller: operator });
    const session = await register(email, { invitation: made.body.invitation });
    expect(session.tenant.unprovedUntil).toBeNull();
    expect(createDecoder()(session.accessToken)).not.toHaveProperty('unproved');
  });
});

describe('a mail', () => {
  const rowOf = async ({ tenant }: Session) => {
    const [row] = await sql`select tries, sent_at, failed_at from identity.mails where tenant_id = ${tenant.id}`;
    return row!;
  };

  it('is tried again after a passing failure, and sent once', async () => {
    await sandbox.control.setBehaviour({ mail: { fault: 'defer' } });
    const email = freshEmail();
    const session = await register(email);
    await eventually(async () => expect((await rowOf(session)).tries).toBeGreaterThan(1));
    await sandbox.control.setBehaviour({ mail: { fault: 'none' } });
    await mailTo(email);
    await eventually(async () => expect((await rowOf(session)).sent_at).not.toBeNull());
    const { body } = await running.identity.app.inject({ url: '/metrics' });
    expect(body).toMatch(/recado_mails_total\{[^}]*result="retried"[^}]*\} [1-9]/);
  });

  it('is given up when the mailbox does not exist', async () => {
    await sandbox.control.setBehaviour({ mail: { fault: 'refuse' } });
    const session = await register(freshEmail());
    await eventually(async () => expect((await rowOf(session)).failed_at).not.toBeNull());
    expect((await rowOf(session)).tries).toBe(1);
  });

  it('ends at the deadline when the server is silent, and is tried again', async () => {
    await sandbox.control.setBehaviour({ mail: { fault: 'timeout' } });
    const email = freshEmail();
    const session = await register(email);
    await eventually(async () => expect((await rowOf(session)).tries).toBeGreaterThan(1));
    await sandbox.control.setBehaviour({ mail: { fault: 'none' } });
    await mailTo(email);
  });

  it('outlives the process that was killed while sending it, and two copies send it once', async () => {
    const email = freshEmail();
    const session = await register(email);
    await mailTo(email);
    await eventually(async () => expect((await rowOf(session)).sent_at).not.toBeNull());
    const copy = await running.startCopy();
    // As a kill leaves it: claimed, under lease, unsent.
    const [lease] = await sql<{ end: Date }[]>`
      update identity.mails set sent_at = null, next_try_at = now() + interval '1500 milliseconds'
      where tenant_id = ${session.tenant.id} returning next_try_at as end`;
    await mailTo(email, 2);
    await eventually(async () =>
      expect((await rowOf(session)).sent_at.getTime()).toBeGreaterThan(lease!.end.getTime()),
    );
    await pause(2500);
    expect(await sandbox.control.mails(email)).toHaveLength(2);
    expect((await rowOf(session)).tries).toBe(2);
    await copy.stop();
  });

  it('keeps its Message-ID when it is sent again after a lost answer', async () => {
    await sandbox.control.setBehaviour({ mail: { fault: 'lostReply' } });
    const email = freshEmail();
    await register(email);
    await mailTo(email);
    await sandbox.control.setBehaviour({ mail: { fault: 'none' } });
    await mailTo(email, 2);
    const [first, second] = await sandbox.control.mails(email);
    expect(second!.messageId).toBe(first!.messageId);
  });
});

describe('a registration that is never proved', () => {
  it('is removed with all its data after its time, and its e-mail proves nothing', async () => {
    const email = freshEmail();
    const session = await register(email);
    const proved = await register(freshEmail());
    await prove({ token: tokenIn(await mailTo(proved.user.email)) });
    await sql`update identity.tenants set unproved_until = now() where tenant_id = ${session.tenant.id}`;
    expect((await prove({ token: tokenIn(await mailTo(email)) })).status).toBe(422);
    expect((await login(email)).status).toBe(401);
    await removeAll();
    for (const table of ['tenants', 'users', 'sessions', 'email_proofs', 'mails'])
      expect(await sql`select 1 from identity.${sql(table)} where tenant_id = ${session.tenant.id}`, table).toEqual([]);
    expect(await sql`select 1 from identity.tenants where tenant_id = ${proved.tenant.id}`).toHaveLength(1);
    const audits = await sql`
      select envelope as payload from identity.outbox where tenant_id = ${session.tenant.id}`;
    expect(audits.some(({ payload }) => payload.includes('tenant.expire'))).toBe(true);
  });

  async function removeAll(): Promise<void> {
    const { removeExpired } = await import('../src/proofs/expire.ts');
    const { connect } = await import('@recado/database');
    const db = connect({ url: running.database.appUrl('identity'), name: 'expire' });
    const workerDb = connect({ url: running.database.workerUrl('identity'), name: 'expire-worker' });
    const revocations = { remember: async () => {} } as never;
    await removeExpired({ db, workerDb, revocations });
    await Promise.all([db.close(), workerDb.close()]);
  }
});

describe('an installation without a mail server', () => {
  it('does not start with open registration, and says what to set', async () => {
    const start = (given: Record<string, string>) => startForTest({ RECADO_EMAIL_PROOF: 'required', ...given });
    await expect(start({})).rejects.toThrow(/RECADO_SMTP_URL.*\n.*RECADO_MAIL_FROM.*RECADO_REGISTRATION=invite/);
    const others: Record<string, string>[] = [{ RECADO_REGISTRATION: 'invite' }, { RECADO_EMAIL_PROOF: 'off' }];
    for (const given of others) {
      const one = await start(given);
      await one.stop();
    }
  });
});

import { identityApi } from '@recado/contracts';
import postgres from 'postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { call, type Running, registration, startForTest } from './support.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(mode: string): Promise<Running> {
  const one = await startForTest({ RECADO_REGISTRATION: mode });
  running.push(one);
  return one;
}
const operator = { role: 'service', service: 'operator', userId: null } as const;
const register = (one: Running, given: object) => call(one, identityApi.register, { body: registration(given) });
const refused = (code: string) => ({
  status: 422,
  body: { error: { code: 'validation_failed', details: [{ field: 'invitation', code }] } },
});

describe('a closed installation', () => {
  it('refuses registrations', async () => {
    const one = await start('closed');
    expect(await register(one, {})).toMatchObject({ status: 403, body: { error: { code: 'registration_closed' } } });
  });
});

describe('an installation that takes invitations', () => {
  it('registers the invited e-mail once, and refuses used, expired, foreign and missing codes by the name of the field', async () => {
    const one = await start('invite');
    const invite = async (email: string): Promise<string> => {
      const answer = await call(one, identityApi.createInvitation, { body: { email, days: 7 }, caller: operator });
      expect(answer.status).toBe(201);
      return answer.body.invitation;
    };
    const email = 'ana@tienda.example';
    const invitation = await invite('Ana@tienda.example');
    expect(await register(one, { email })).toMatchObject(refused('required'));
    expect(await register(one, { email, invitation: 'nonsense' })).toMatchObject(refused('invitation'));
    const altered = `${invitation.slice(0, -2)}${invitation.endsWith('AA') ? 'BB' : 'AA'}`;
    expect(await register(one, { email, invitation: altered })).toMatchObject(refused('invitation'));
    expect(await register(one, { email: 'eva@tienda.example', invitation })).toMatchObject(refused('invitation'));

    // A registration that fails leaves the code unused.
    const taken = await register(one, {
      email: 'otra@tienda.example',
      tenantSlug: 'taken',
      invitation: await invite('otra@tienda.example'),
    });
    expect(taken.status).toBe(201);
    expect(await register(one, { email, tenantSlug: 'taken', invitation })).toMatchObject({ status: 409 });
    const answers = await Promise.all([1, 2, 3].map(() => register(one, { email, invitation })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    expect(await register(one, { email, invitation })).toMatchObject(refused('invitation'));

    const late = await invite('tarde@tienda.example');
    const sql = postgres(one.database.adminUrl, { max: 1 });
    await sql`update identity.invitations set expires_at = now() where email = 'tarde@tienda.example'`;
    expect(await register(one, { email: 'tarde@tienda.example', invitation: late })).toMatchObject(
      refused('invitation'),
    );
    const stored = await sql`select * from identity.invitations`;
    expect(JSON.stringify(stored)).not.toContain(invitation);
    await sql.end();
  });

  it('lets only the operator make invitations', async () => {
    const one = await start('invite');
    const person = { role: 'admin', service: 'gateway' } as const;
    const answer = await call(one, identityApi.createInvitation, { body: { email: 'a@b.example' }, caller: person });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  });
});

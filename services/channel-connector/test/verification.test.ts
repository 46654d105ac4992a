import { randomUUID } from 'node:crypto';
import type { AuditEntry, Channel } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { APP_SECRET, bearer, createFixture, eventsOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

let numbers = 0;
let tenantId: string;
let channel: Channel;
let number: { phoneNumberId: string; displayPhoneNumber: string; wabaId: string; accessToken: string };
/** What Meta says of the number. */
const atMeta = (more: object) => fixture.sandbox.control.addNumber({ ...number, appSecret: APP_SECRET, ...more });

const ask = (method: 'GET' | 'POST', path: string, body?: object, authorization = bearer(tenantId)) =>
  fixture.connector.app.inject({
    method,
    url: `/channels${path}`,
    headers: { authorization },
    ...(body ? { payload: body } : {}),
  });
const request = (body: object = { method: 'sms', language: 'es' }) => ask('POST', `/${channel.id}/request-code`, body);
const verify = (body: object) => ask('POST', `/${channel.id}/verify-code`, body);
const state = async () => (await ask('GET', `/${channel.id}`)).json<Channel>();
const sentCode = async () => (await fixture.sandbox.control.sentCode(number.phoneNumberId)).code;
const audits = async () =>
  (await eventsOf<AuditEntry>(fixture, tenantId, 'audit.recorded')).map(({ action }) => action);

beforeEach(async () => {
  const n = ++numbers;
  tenantId = randomUUID();
  const phoneNumberId = `50000${n}`;
  number = {
    phoneNumberId,
    wabaId: `60000${n}`,
    accessToken: `EAA-${n}`,
    displayPhoneNumber: `+55 11 98765-${1000 + n}`,
  };
  await atMeta({ codeVerificationStatus: 'NOT_VERIFIED' });
  const credentials = { phoneNumberId, accessToken: number.accessToken, appSecret: APP_SECRET };
  const phone = number.displayPhoneNumber;
  channel = (await ask('POST', '', { name: 'Sales', provider: 'meta', phone, credentials })).json<Channel>();
});

describe('a number that is not verified', () => {
  test('is an error until the code of its phone verifies it, registers it and connects it', async () => {
    expect(channel).toMatchObject({ status: 'error', lastError: expect.stringContaining('not verified') });
    expect((await request({ method: 'voice', language: 'pt_BR' })).json()).toEqual({ sent: true });
    expect(await fixture.sandbox.control.sentCode(number.phoneNumberId)).toMatchObject({
      method: 'VOICE',
      language: 'pt_BR',
    });
    const answer = await verify({ code: await sentCode() });
    expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ status: 'connected' })]);
    expect(await audits()).toEqual(['channel.create', 'channel.request_code', 'channel.verify']);
    for (const again of [await request(), await verify({ code: '123456' })]) {
      expect([again.statusCode, again.json().error.entity]).toEqual([409, 'number_verified']);
    }
  });

  test('keeps its code and its PIN out of rows and events', async () => {
    await request();
    const code = await sentCode();
    expect((await verify({ code, pin: '864209' })).statusCode).toBe(200);
    const rows = await fixture.sql`
      select row_to_json(channels)::text as text from channel_connector.channels where tenant_id = ${tenantId}
      union all select envelope::text from channel_connector.outbox where tenant_id = ${tenantId}`;
    expect(rows.length).toBeGreaterThan(3);
    const found = rows.filter(({ text }) => text.includes(`"${code}"`) || text.includes('864209'));
    expect(found).toEqual([]);
  });

  test.each([
    ['a wrong code', 'wrong'],
    ['a code of letters', 'abcdef'],
    ['no code', undefined],
  ])('is left as it is by %s', async (_name, given) => {
    await request();
    const wrong = (await sentCode()) === '000000' ? '111111' : '000000';
    const code = given === 'wrong' ? wrong : given;
    const before = await state();
    const answer = await verify(code === undefined ? {} : { code });
    expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([422, 'code']);
    expect(await state()).toEqual(before);
    expect(await audits()).toEqual(['channel.create', 'channel.request_code']);
  });

  test.each([
    [{ method: 'fax', language: 'es' }, 'method'],
    [{ method: 'sms', language: 'Spanish' }, 'language'],
  ])('gets no code for %j', async (body, field) => {
    const answer = await request(body);
    expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([422, field]);
    await expect(sentCode()).rejects.toThrow('404');
    expect(await audits()).toEqual(['channel.create']);
  });

  test('waits when its provider sent too many codes', async () => {
    for (let n = 0; n < 5; n++) expect((await request()).statusCode).toBe(200);
    const answer = await request();
    expect([answer.statusCode, answer.json().error.retryAfter]).toEqual([429, 3600]);
  });

  test('is unknown to other tenants', async () => {
    const other = bearer(randomUUID());
    const answer = await ask('POST', `/${channel.id}/request-code`, { method: 'sms', language: 'es' }, other);
    expect(answer.statusCode).toBe(404);
    const verified = await ask('POST', `/${channel.id}/verify-code`, { code: '123456' }, other);
    expect(verified.statusCode).toBe(404);
  });
});

test('a number with another PIN is verified, and registered once the PIN is given', async () => {
  const graph = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${number.accessToken}`, 'content-type': 'application/json' };
    const url = `${fixture.sandbox.graphUrl}/v23.0/${number.phoneNumberId}/${path}`;
    expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(200);
  };
  await atMeta({ codeVerificationStatus: 'NOT_VERIFIED', registeredPin: '246810' });
  await request();
  const code = await sentCode();
  const refused = await verify({ code, pin: '111111' });
  expect([refused.statusCode, refused.json().error.details]).toEqual([
    422,
    [expect.objectContaining({ field: 'pin', code: 'wrong_pin' })],
  ]);
  const answer = await verify({ code, pin: '246810' });
  expect([answer.statusCode, answer.json().status]).toEqual([200, 'connected']);
  await graph('messages', {
    messaging_product: 'whatsapp',
    to: '5511977770001',
    type: 'text',
    text: { body: 'Oi' },
  });
});

test('a banned number stays an error after a check, and a flagged one works', async () => {
  const check = async () => {
    await fixture.sql`update channel_connector.channels set checked_at = null where id = ${channel.id}`;
    const { status, lastError } = (await ask('GET', `/${channel.id}/health`)).json<Channel>();
    return [status, lastError];
  };
  await atMeta({ status: 'FLAGGED' });
  expect(await check()).toEqual(['connected', null]);
  await atMeta({ status: 'BANNED' });
  expect(await check()).toEqual(['error', 'WhatsApp banned this number']);
  expect(await check()).toEqual(['error', 'WhatsApp banned this number']);
  await atMeta({});
  expect(await check()).toEqual(['connected', null]);
});

test('what Meta says of a number’s health is shown, and what blocks it is the reason', async () => {
  await atMeta({});
  const look = async () => (await ask('POST', `/${channel.id}/reconnect`)).json<Channel>();
  expect(await look()).toMatchObject({
    status: 'connected',
    facts: { codeVerification: 'VERIFIED', standing: { canSend: 'AVAILABLE', problems: [] } },
  });
  const limited = { entity: 'BUSINESS', canSendMessage: 'LIMITED', info: ['The business is not verified.'] };
  await atMeta({ health: [limited] });
  const problem = { entity: 'BUSINESS', canSend: 'LIMITED', code: null, solution: null };
  expect(await look()).toMatchObject({
    status: 'connected',
    facts: { standing: { canSend: 'LIMITED', problems: [{ ...problem, text: 'The business is not verified.' }] } },
  });
  const error = { code: 141006, description: 'There is no way to pay.', solution: 'Add a payment method.' };
  await atMeta({ health: [limited, { entity: 'WABA', canSendMessage: 'BLOCKED', errors: [error] }] });
  expect(await look()).toMatchObject({
    status: 'error',
    lastError: 'WhatsApp does not let this number send (There is no way to pay. Add a payment method.)',
    health: { ok: false },
    facts: { standing: { canSend: 'BLOCKED', problems: [{ entity: 'WABA', code: '141006' }, problem] } },
  });
  await atMeta({});
  expect(await look()).toMatchObject({ status: 'connected', lastError: null, facts: { standing: { problems: [] } } });
});

import { randomUUID } from 'node:crypto';
import type { Channel } from '@recado/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { APP_SECRET, bearer, createFixture, type Fixture, frame, payload, postFrames, textMessage } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({ RECADO_META_APP_ID: '670843887433847', RECADO_META_APP_SECRET: APP_SECRET });
});
afterAll(() => fixture.stop());

let numbers = 0;
/** A number whose owner has just finished Embedded Signup in a browser. */
async function signUp() {
  const n = ++numbers;
  const number = { phoneNumberId: `30000${n}`, wabaId: `40000${n}`, signupCode: `AQ-${n}` };
  const rest = { displayPhoneNumber: `+55 11 98765-000${n}`, accessToken: `EAA-signup-${n}`, appSecret: APP_SECRET };
  await fixture.sandbox.control.addNumber({ ...number, ...rest });
  const { phoneNumberId, wabaId: businessAccountId, signupCode } = number;
  return { phone: `+551198765000${n}`, credentials: { phoneNumberId, businessAccountId, signupCode, pin: '123456' } };
}

const connect = (tenantId: string, { phone, credentials }: { phone: string; credentials: object }) =>
  fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { name: 'Sales', provider: 'meta', phone, credentials },
  });

test('the code of a sign-up connects the number, which receives by the app’s own secret', async () => {
  const given = await signUp();
  const response = await connect(randomUUID(), given);
  expect(response.statusCode).toBe(201);
  const channel = response.json<Channel>();
  expect(channel).toMatchObject({
    status: 'connected',
    facts: { quality: 'GREEN', messagingLimit: 'TIER_1K', throughput: 'STANDARD' },
  });
  expect(JSON.stringify(channel)).not.toContain('EAA-signup');
  const message = payload(given.credentials.phoneNumberId, { contacts: [], messages: [textMessage('wamid.signup')] });
  expect(await postFrames(fixture.connector, [frame(null, message)])).toEqual([200]);
});

test.each([
  ['a code that was used', { signupCode: 'AQ-used' }, 'credentials.signupCode'],
  ['a PIN that is none', { pin: '12' }, 'credentials.pin'],
  ['an account that is missing', { businessAccountId: undefined }, 'credentials.businessAccountId'],
  ['a token beside the code', { accessToken: 'EAA' }, 'credentials.accessToken'],
])('%s is named, and nothing is connected', async (_name, more, field) => {
  const tenantId = randomUUID();
  const given = await signUp();
  const response = await connect(tenantId, { ...given, credentials: { ...given.credentials, ...more } });
  expect(response.statusCode).toBe(422);
  expect(response.json().error.details).toMatchObject([{ field }]);
  const url = '/channels-count';
  const count = await fixture.connector.app.inject({ url, headers: { authorization: bearer(tenantId) } });
  expect(count.json()).toMatchObject({ total: 0 });
});

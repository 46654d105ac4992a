import { randomUUID } from 'node:crypto';
import type { Channel } from '@recado/contracts';
import { eventually, internalToken } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, channelBody, createChannel, createFixture, eventsOf, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const post = (authorization: string, payload: object) =>
  fixture.connector.app.inject({ method: 'POST', url: '/channels', headers: { authorization }, payload });
const get = (authorization: string, url: string) =>
  fixture.connector.app.inject({ method: 'GET', url, headers: { authorization } });

describe('connecting a number', () => {
  test('a number with working credentials is connected, with its phone in E.164 and an event', async () => {
    const channel = await createChannel(fixture);
    expect(channel).toMatchObject({ status: 'connected', provider: 'meta', lastError: null, sentTotal: 0 });
    expect(channel.phone).toMatch(/^\+5511\d+$/);
    expect(channel.lastConnectedAt).not.toBeNull();
    const events = await eventsOf<{ status: string }>(fixture, channel.tenantId, 'channel.status-changed');
    expect(events.map((event) => event.status)).toEqual(['connecting', 'connected']);
  });

  test('refused credentials make it an error with a readable reason', async () => {
    const tenantId = randomUUID();
    await fixture.sandbox.control.addNumber({
      phoneNumberId: '31337',
      displayPhoneNumber: '+5511900001111',
      wabaId: '2000001',
      accessToken: 'the right token',
      appSecret: 'secret of the app',
    });
    const body = channelBody({ phone: '+5511900001111', phoneNumberId: '31337', accessToken: 'the wrong token' });
    const channel = (await post(bearer(tenantId), body)).json<Channel>();
    expect(channel.status).toBe('error');
    expect(channel.lastError).toMatch(/access token is not valid|did not accept/);
  });

  test('secrets are in no answer or event, and sealed in the row', async () => {
    const tenantId = randomUUID();
    const canary = 'canary-token-8472';
    const body = channelBody({ phone: '+5511900002222', phoneNumberId: '31338', accessToken: canary });
    const response = await post(bearer(tenantId), body);
    const { id } = response.json<Channel>();
    const listed = await get(bearer(tenantId), '/channels');
    const [row] =
      await fixture.sql`select row_to_json(c)::text as text from channel_connector.channels c where id = ${id}`;
    const [outbox] = await fixture.sql`select string_agg(envelope, '') as text from channel_connector.outbox`;
    for (const text of [response.body, listed.body, row!.text, outbox!.text]) {
      expect(text).not.toContain(canary);
      expect(text).not.toContain(body.credentials.appSecret);
      expect(text).not.toContain(body.credentials.verifyToken);
    }
  });

  test('a bad phone is 422 with its field, and unknown keys or a missing permission are refused', async () => {
    const tenantId = randomUUID();
    const body = channelBody({ phone: '+999123', phoneNumberId: '31339' });
    const bad = await post(bearer(tenantId), body);
    expect(bad.statusCode).toBe(422);
    expect(bad.json().error.details).toMatchObject([{ field: 'phone' }]);
    expect((await post(bearer(tenantId), { ...body, tenantId })).statusCode).toBe(422);
    expect((await post(bearer(tenantId, ['whatsapp.numbers.read']), body)).statusCode).toBe(403);
  });

  test('a number that the tenant has already is 409, by its phone and by its phone_number_id', async () => {
    const channel = await createChannel(fixture);
    const samePhone = channelBody({ phone: channel.phone!, phoneNumberId: '31340' });
    expect((await post(bearer(channel.tenantId), samePhone)).statusCode).toBe(409);
    const sameId = channelBody({ phone: '+5511900003333', phoneNumberId: channel.phoneNumberId });
    expect((await post(bearer(channel.tenantId), sameId)).statusCode).toBe(409);
  });

  test('two tenants may name the same phone', async () => {
    const channel = await createChannel(fixture);
    const response = await post(bearer(randomUUID()), channelBody({ phone: channel.phone!, phoneNumberId: '31341' }));
    expect(response.statusCode).toBe(201);
  });

  test('a number in status error is checked again and recovers', async () => {
    const channel = await createChannel(fixture);
    await fixture.sql`
      update channel_connector.channels set status = 'connecting', checked_at = null, created_at = now() - interval '2 minutes'
      where id = ${channel.id}`;
    await eventually(async () => {
      const answer = await get(bearer(channel.tenantId), `/channels/${channel.id}`);
      expect(answer.json<Channel>().status).toBe('connected');
    });
  });
});

describe('reading channels', () => {
  test("another tenant's channel is 404, with the same bytes as a missing one", async () => {
    const channel = await createChannel(fixture);
    const stranger = bearer(randomUUID());
    const foreign = await get(stranger, `/channels/${channel.id}`);
    const missing = await get(stranger, `/channels/${randomUUID()}`);
    expect(foreign.statusCode).toBe(404);
    expect(foreign.body).toBe(missing.body);
    expect((await get(stranger, `/channels?ids=${channel.id}`)).json()).toEqual({ items: [], total: 0 });
  });

  test('pages oldest first, filtered by ids and status', async () => {
    const tenantId = randomUUID();
    const made = [];
    for (let i = 0; i < 3; i++) made.push(await createChannel(fixture, { tenantId }));
    const ids = made.map((channel) => channel.id);
    const page = (query: string) => get(bearer(tenantId), `/channels?${query}`).then((r) => r.json());
    const first = await page('limit=2');
    expect(first.items.map((one: Channel) => one.id)).toEqual(ids.slice(0, 2));
    expect(first.total).toBe(3);
    const second = await page(`limit=2&after=${ids[1]}`);
    expect(second.items.map((one: Channel) => one.id)).toEqual(ids.slice(2));
    expect((await page(`ids=${ids[2]},${ids[0]}`)).items.map((one: Channel) => one.id)).toEqual([ids[0], ids[2]]);
    expect((await page('status=error')).total).toBe(0);
  });
});

describe("Meta's verification", () => {
  const verify = (query: string) =>
    get(`Bearer ${internalToken({ role: 'service' })}`, `/webhooks/meta/verify?${query}`).then((r) => r.statusCode);

  test('the right token is 200, a wrong one 403, an unknown channel 404', async () => {
    const { id } = await createChannel(fixture);
    expect(await verify(`channelId=${id}&mode=subscribe&verifyToken=verify%20me`)).toBe(200);
    expect(await verify(`channelId=${id}&mode=subscribe&verifyToken=wrong`)).toBe(403);
    expect(await verify(`channelId=${id}&mode=unsubscribe&verifyToken=verify%20me`)).toBe(403);
    expect(await verify(`channelId=${randomUUID()}&mode=subscribe&verifyToken=verify%20me`)).toBe(404);
  });

  describe('without a channel in the path', () => {
    const without = (token: string, mode = 'subscribe') => verify(`mode=${mode}&verifyToken=${token}`);

    test('accepts a tenant’s own token and no other', async () => {
      await createChannel(fixture);
      expect(await without('verify%20me')).toBe(200);
      expect(await without('wrong')).toBe(403);
      expect(await without('')).toBe(403);
      expect(await without('verify%20me', 'unsubscribe')).toBe(403);
    });

    test('accepts the installation’s token too', async () => {
      await createChannel(fixture);
      const copy = await fixture.start({ RECADO_META_VERIFY_TOKEN: 'of-the-installation' });
      const ask = (token: string) =>
        copy.app.inject({
          url: `/webhooks/meta/verify?mode=subscribe&verifyToken=${token}`,
          headers: { authorization: `Bearer ${internalToken({ role: 'service' })}` },
        });
      const answers = await Promise.all(['of-the-installation', 'verify%20me', 'wrong'].map(ask));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 403]);
      await copy.stop();
    });

    test('accepts the token of a channel from before digests were stored', async () => {
      const { id } = await createChannel(fixture);
      await fixture.sql`update channel_connector.channels set verify_token_digest = null`;
      await eventually(async () => {
        const [row] = await fixture.sql`select verify_token_digest from channel_connector.channels where id = ${id}`;
        expect(row!.verify_token_digest).not.toBeNull();
      });
      expect(await without('verify%20me')).toBe(200);
    });
  });
});

import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningConnector } from '../src/service.ts';
import {
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  type TestChannel,
  textMessage,
} from './support.ts';

/** Two tenants on one installation, each with an app of its own. */
let fixture: Fixture;
let mine: TestChannel;
let theirs: TestChannel;
const MY_SECRET = 'the secret of my app';
const THEIR_SECRET = 'the secret of their app';

beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  mine = await createChannel(fixture, { appSecret: MY_SECRET });
  theirs = await createChannel(fixture, { appSecret: THEIR_SECRET });
});

let wamids = 0;
const message = () => ({ messages: [textMessage(`wamid.secret.${++wamids}`)] });
const received = async ({ tenantId }: TestChannel) => (await eventsOf(fixture, tenantId, 'message.received')).length;

/** One body about several numbers, as Meta batches them. */
function about(...channels: TestChannel[]) {
  const payloads = channels.map((channel) => payload(channel.phoneNumberId, message()));
  return { ...payloads[0]!, entry: payloads.flatMap(({ entry }) => entry) };
}

describe('a secret of one tenant’s app', () => {
  test('signs only its own numbers’ changes in a body with several numbers', async () => {
    const statuses = await postFrames(fixture.connector, [
      frame(null, about(mine, theirs), MY_SECRET),
      frame(null, about(theirs, mine), MY_SECRET),
    ]);
    expect(statuses).toEqual([200, 200]);
    expect(await received(mine)).toBe(2);
    expect(await received(theirs)).toBe(0);
  });

  test('cannot sign for another tenant’s number, by the number or by its path', async () => {
    const statuses = await postFrames(fixture.connector, [
      frame(null, about(theirs), MY_SECRET),
      frame(theirs.id, about(theirs), MY_SECRET),
      frame(mine.id, about(theirs), MY_SECRET),
    ]);
    expect(statuses).toEqual([401, 401, 200]);
    expect(await received(theirs)).toBe(0);
    expect(await received(mine)).toBe(0);
  });
});

describe('sealed credentials copied into another channel’s row', () => {
  let copy: RunningConnector;
  beforeEach(async () => {
    await fixture.sql`
      update channel_connector.channels victim set credentials = thief.credentials
      from channel_connector.channels thief where victim.id = ${theirs.id} and thief.id = ${mine.id}`;
    // A copy that remembers neither of them.
    copy = await fixture.start();
  });
  afterEach(() => copy.stop());

  test('verify no webhook there', async () => {
    const statuses = await postFrames(copy, [
      frame(theirs.id, about(theirs), MY_SECRET),
      frame(null, about(theirs), MY_SECRET),
      frame(mine.id, about(mine), MY_SECRET),
    ]);
    expect(statuses).toEqual([404, 404, 200]);
    expect(await received(theirs)).toBe(0);
  });

  test('prove no number there', async () => {
    await fixture.sql`
      update channel_connector.channels set status = 'connecting', checked_at = null, provider_id = null,
        claimed_provider_id = ${mine.phoneNumberId}, created_at = now() - interval '2 minutes'
      where id = ${theirs.id}`;
    const statusOf = async ({ id }: TestChannel) => {
      const [row] = await fixture.sql`
        select status, provider_id as number from channel_connector.channels where id = ${id}`;
      return row;
    };
    await eventually(async () => expect(await statusOf(theirs)).toEqual({ status: 'error', number: null }));
    expect(await statusOf(mine)).toEqual({ status: 'connected', number: mine.phoneNumberId });
  });
});

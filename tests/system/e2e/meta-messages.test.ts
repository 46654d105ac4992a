import { createHmac } from 'node:crypto';
import { META_MESSAGES } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/api.ts';
import { ALL_PLACES, kindOf, missingOf, Screens } from '../../support/shown.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';

/** Edits and deletions are no messages of their own: services/conversation/test/changes.test.ts. */
const MESSAGES = META_MESSAGES.filter(({ details }) => !details?.change);
const FROM = '573105550077';

const mesh = sharedTestMesh();
let tenant: TestTenant;
let screens: Screens;

const idOf = (i: number) => `wamid.kind.${tenant.channelId}.${i}`;

/** All kinds in one webhook, as Meta batches them. */
async function post(): Promise<number> {
  const { wabaId, displayPhoneNumber, phoneNumberId, appSecret } = tenant.number;
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: displayPhoneNumber, phone_number_id: phoneNumberId },
    contacts: [{ wa_id: FROM, profile: { name: 'Todas las clases' } }],
    messages: MESSAGES.map(({ item }, i) => ({
      from: FROM,
      id: idOf(i),
      timestamp: String(1_760_000_000 + i),
      ...item,
    })),
  };
  const body = {
    object: 'whatsapp_business_account',
    entry: [{ id: wabaId, changes: [{ field: 'messages', value }] }],
  };
  const raw = Buffer.from(JSON.stringify(body));
  const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`;
  const path = `/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  const answer = await call(mesh.gateway, 'POST', path, { raw, headers: { 'x-hub-signature-256': signature } });
  return answer.status;
}

beforeAll(async () => {
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
  screens = new Screens(mesh.gateway, tenant);
  await screens.listen();
  expect(await post()).toBe(200);
  await screens.untilLive(MESSAGES.length);
  // The customer's and the group's.
  expect(await screens.readThreads()).toBe(2);
});

afterAll(() => screens?.close());

describe.each(ALL_PLACES)('a message of Meta in %s', (place) => {
  it.each(MESSAGES.map((message, i) => ({ ...message, i })))('shows all of $name', (expected) => {
    const message = screens.find(place, idOf(expected.i))!;
    expect(kindOf(place, message)).toBe(expected.type);
    expect(message.content).not.toBe('');
    if (expected.content !== '') expect(message.content).toBe(expected.content);
    expect(missingOf(message, expected.details)).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import type { Channel } from '@recado/contracts';
import { EVOLUTION_KEY, WPPCONNECT_SECRET } from '@recado/sandbox';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, createFixture, eventsOf, type Fixture, requestMessage, untilState } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
  const { evolutionUrl, wppconnectUrl } = fixture.sandbox;
  const connector = await fixture.start({
    RECADO_EVOLUTION_URL: evolutionUrl,
    RECADO_EVOLUTION_KEY: EVOLUTION_KEY,
    RECADO_WPPCONNECT_URL: wppconnectUrl,
    RECADO_WPPCONNECT_SECRET: WPPCONNECT_SECRET,
  });
  await fixture.connector.stop();
  fixture.edge.to(connector);
  fixture.connector = connector;
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 }, webhook: { retryFirstMs: 20 } });
});
afterAll(() => fixture.stop());

let phones = 0;
const [ANA, LUIS] = ['5511977770001', '5511977770002'];

/** A linked phone whose messages were compared once, so that there is a moment to begin from. */
async function linked(provider: 'evolution' | 'wppconnect') {
  const tenantId = randomUUID();
  const ask = (method: 'GET' | 'POST', url: string, payload?: object) =>
    fixture.connector.app.inject({
      method,
      url,
      headers: { authorization: bearer(tenantId) },
      ...(payload && { payload }),
    });
  const made = await ask('POST', '/channels', { name: 'Shop', provider, ratePerMinute: 60_000 });
  const channel = made.json<Channel>();
  const session = fixture.sandbox.control.session(provider, channel.key);
  await session.scan({ phone: `55119555${provider === 'evolution' ? 3 : 4}${String(++phones).padStart(4, '0')}` });
  const marks = async () => {
    const [row] = await fixture.sql`
      select history_read_at as read, history_ordered_at as ordered from channel_connector.channels
      where id = ${channel.id}`;
    return row as { read: Date | null; ordered: Date | null };
  };
  await eventually(async () => expect((await marks()).read).not.toBeNull());
  const texts = async (name: 'message.received' | 'message.synced') =>
    (await eventsOf<{ content: string }>(fixture, tenantId, name)).map(({ content }) => content).sort();
  /** The hour is over. */
  const compare = async () => {
    const before = (await marks()).read!;
    await fixture.sql`update channel_connector.channels set history_ordered_at = null where id = ${channel.id}`;
    await eventually(async () => expect((await marks()).read!.getTime()).toBeGreaterThan(before.getTime()));
  };
  return { ...channel, tenantId, session, ask, marks, texts, compare };
}

describe.each(['evolution', 'wppconnect'] as const)('after an outage, a number of %s', (provider) => {
  test('has each message that no webhook brought, once, over several pages', async () => {
    const { session, texts, compare, ...channel } = await linked(provider);
    await session.says({ from: ANA, text: 'heard' });
    await eventually(async () => expect(await texts('message.received')).toEqual(['heard']));
    const names = Array.from({ length: 45 }, (_, i) => `missed ${String(i).padStart(2, '0')}`);
    for (const text of names) await session.says({ from: ANA, text, unheard: true });
    await session.says({ from: LUIS, text: 'also missed', unheard: true });
    await session.says({ from: LUIS, text: 'typed', fromMe: true, unheard: true });
    await session.says({ from: LUIS, text: 'in a group', group: { id: '120363041234567890' }, unheard: true });
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    await compare();
    const all = ['heard', ...names, 'also missed', 'in a group'].sort();
    expect(await texts('message.received')).toEqual(all);
    expect(await texts('message.synced')).toContain('typed');
    await compare();
    expect(await texts('message.received')).toEqual(all);
  });

  test('has nothing of before its last comparison, and nothing of a group that it leaves out', async () => {
    const { session, texts, compare, id } = await linked(provider);
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    await session.says({ from: ANA, text: 'old', timestamp: hourAgo, unheard: true });
    await session.says({ from: ANA, text: 'new', unheard: true });
    await fixture.sql`
      update channel_connector.channels set settings = '{"groupMessages": "ignore"}' where id = ${id}`;
    fixture.connector.deps.directory.forget(id);
    await session.says({ from: LUIS, text: 'in a group', group: { id: '120363041234567890' }, unheard: true });
    await compare();
    expect(await texts('message.received')).toEqual(['new']);
  });

  test('is compared again as soon as it is back, and begins anew once a person disconnected it', async () => {
    const { id, marks, ask } = await linked(provider);
    const before = (await marks()).ordered!;
    await fixture.sql`update channel_connector.channels set last_connected_at = now() where id = ${id}`;
    await eventually(async () => expect((await marks()).ordered!.getTime()).toBeGreaterThan(before.getTime()));
    expect((await ask('POST', `/channels/${id}/disconnect`)).statusCode).toBe(200);
    expect((await marks()).read).toBeNull();
  });

  test('is read again when its server did not answer, from the same moment', async () => {
    const { session, texts, compare, marks, id, tenantId } = await linked(provider);
    const before = (await marks()).read;
    await session.says({ from: ANA, text: 'missed', unheard: true });
    const { sandbox } = fixture;
    await sandbox.control.setBehaviour({ web: { historyFails: true } });
    await fixture.sql`update channel_connector.channels set history_ordered_at = null where id = ${id}`;
    await eventually(async () => {
      const rows = await fixture.sql`
        select last_error from channel_connector.jobs
        where name = 'read-history' and tenant_id = ${tenantId} and last_error is not null`;
      expect(rows).toHaveLength(1);
    });
    expect((await marks()).read).toEqual(before);
    await sandbox.control.setBehaviour({ web: { historyFails: false } });
    await compare();
    expect(await texts('message.received')).toEqual(['missed']);
  });
});

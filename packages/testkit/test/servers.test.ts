import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { testBus, testDatabase, testRedis, wipeStreams } from '../src/index.ts';

test('two databases share nothing, and a dropped one is gone while clients are connected', async () => {
  const [one, two] = await Promise.all([testDatabase('one'), testDatabase('two')]);
  const [inOne, inTwo] = [postgres(one.adminUrl, { max: 1 }), postgres(two.adminUrl, { max: 1 })];
  await inOne`create table only_here (id int)`;
  const [seen] = await inTwo`select to_regclass('only_here') as found`;
  expect(seen?.found).toBeNull();

  await one.drop();
  await expect(inOne`select 1`.execute()).rejects.toThrow();
  const [left] = await inTwo`select count(*)::int as n from pg_database where datname = ${one.name}`;
  expect(left?.n).toBe(0);
  await Promise.allSettled([inOne.end(), inTwo.end()]);
  await two.drop();
});

test('the bus has JetStream, is the same within a file and can be emptied', async () => {
  const { url } = await testBus();
  expect(await testBus()).toEqual({ url });
  const { host, username, password } = new URL(url);
  const nc = await connect({ servers: host, user: username, pass: password });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name: 'LEFTOVER', subjects: ['leftover.>'] });
  await jetstream(nc).publish('leftover.one', 'x');

  await wipeStreams(url);
  await expect(jsm.streams.info('LEFTOVER')).rejects.toThrow('stream not found');
  await nc.close();
});

test('redis is flushed once for a file and keeps what the file writes', async () => {
  const { url } = await testRedis();
  const redis = new Redis(url);
  expect(await redis.dbsize()).toBe(0);
  await redis.set('kept', '1');
  await testRedis();
  expect(await redis.get('kept')).toBe('1');
  await redis.quit();
});

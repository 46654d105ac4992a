import { randomBytes, randomUUID } from 'node:crypto';
import { createSealer } from '@recado/service-kit';
import { type TestDatabase, testDatabase } from '@recado/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countByKey, resealColumn, SEALED_COLUMNS } from '../sealed-columns.ts';

const key = () => randomBytes(32).toString('base64');
const [first, second] = [key(), key()];
const before = createSealer(`k1:${first}`);
const after = createSealer(`k2:${second},k1:${first}`);
const alone = createSealer(`k2:${second}`);

let database: TestDatabase;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await testDatabase('rekey');
  sql = postgres(database.adminUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql?.end();
  await database?.drop();
});

const [channels, endpointSecrets] = SEALED_COLUMNS;

test('Credentials and secrets open under the new key alone, and digests are made anew', async () => {
  const rows = Array.from({ length: 700 }, () => ({ tenant: randomUUID(), id: randomUUID() }));
  for (const { tenant, id } of rows) {
    await sql`
      insert into channel_connector.channels (tenant_id, id, name, provider, status, key, credentials, verify_token_digest)
      values (${tenant}, ${id}, 'x', 'meta', 'connected', ${randomUUID()}, ${before.seal(`of ${id}`, id)}, 'k1.old')`;
  }
  const [{ tenant, id }] = rows as [(typeof rows)[0]];
  await sql`
    insert into channel_connector.webhook_endpoints (tenant_id, id, name, url, secret)
    values (${tenant}, ${id}, 'x', 'https://example.com', ${before.seal('whsec_1', id)})`;
  expect(await resealColumn(sql, after, channels!)).toEqual({ resealed: 700, unreadable: [] });
  expect(await resealColumn(sql, after, channels!)).toEqual({ resealed: 0, unreadable: [] });
  expect(await resealColumn(sql, after, endpointSecrets!)).toEqual({ resealed: 1, unreadable: [] });
  const sealed = await sql<{ id: string; credentials: string; digest: string | null }[]>`
    select id, credentials, verify_token_digest as digest from channel_connector.channels`;
  for (const row of sealed) {
    expect(alone.open(row.credentials, row.id)).toBe(`of ${row.id}`);
    expect(row.digest).toBeNull();
  }
  expect(await countByKey(sql, endpointSecrets!)).toEqual([{ keyId: 'k2', count: 1 }]);
});

test('What a key that is gone has sealed is named, and stays as it is', async () => {
  const [tenant, id] = [randomUUID(), randomUUID()];
  const sealed = createSealer(`k0:${key()}`).seal('lost', id);
  await sql`
    insert into channel_connector.channels (tenant_id, id, name, provider, status, key, credentials)
    values (${tenant}, ${id}, 'x', 'meta', 'connected', ${randomUUID()}, ${sealed})`;
  expect(await resealColumn(sql, after, channels!)).toEqual({
    resealed: 0,
    unreadable: [{ keyId: 'k0', key: [tenant, id] }],
  });
  const [row] = await sql`select credentials from channel_connector.channels where id = ${id}`;
  expect(row!.credentials).toBe(sealed);
});

test('Each column whose name says that it is sealed, or a secret, is in the list', async () => {
  const found = await sql<{ name: string }[]>`
    select table_schema || '.' || table_name || '.' || column_name as name from information_schema.columns
    where table_schema in ('identity', 'channel_connector', 'conversation', 'ai_responder', 'scheduler', 'analytics')
      and data_type = 'text' and column_name ~ 'sealed|secret|credential'`;
  const listed = SEALED_COLUMNS.map(({ schema, table, column }) => `${schema}.${table}.${column}`);
  expect(found.map(({ name }) => name).sort()).toEqual([...listed].sort());
});

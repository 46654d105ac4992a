import { connect, type Database, withWorker } from '@recado/database';
import { testDatabase } from '@recado/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joined, texts } from '../src/columns.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
beforeAll(async () => {
  database = await testDatabase('columns');
  db = connect({ url: database.workerUrl('conversation'), name: 'columns', max: 1 });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const roundTrip = (values: (string | null)[]) =>
  withWorker(db, async (tx) => {
    // Row by row: the driver reads a null within an array as a text.
    const rows = await tx<{ value: string | null }[]>`select * from unnest(${texts(tx, values)}) as u (value)`;
    return rows.map((row) => row.value);
  });

describe('a column of texts', () => {
  it.each([
    [['']],
    [['', '']],
    [[null]],
    [[null, '', 'null', 'NULL']],
    [['a\x1eb', 'c']],
    [['\x1f', 'c', null]],
    [['{"quoted", \\back}', "it's", '\n\t', '😀 ñ']],
  ] as (string | null)[][][])('%j arrives as it is', async (values) => {
    expect(await roundTrip(values)).toEqual(values);
  });

  it('with any text arrives unchanged', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
    const awkward = fc.constantFrom('', '\x1e', '\x1f', '\\', '"', '{}', ',', 'NULL');
    const values = fc.array(fc.oneof(value, awkward, fc.constant(null)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(values, async (column) => {
        expect(await roundTrip(column)).toEqual(column);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a joined column', () => {
  it('accepts ids, numbers, times and null', async () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    const time = '2026-11-21T09:13:45.123Z';
    const rows = await withWorker(
      db,
      (tx) => tx`
        select * from unnest(${joined([id, null])}::uuid[], ${joined([1, -2])}::int[], ${joined([null, time])}::timestamptz[])
          as u (id, number, time)`,
    );
    expect([...rows]).toEqual([
      { id, number: 1, time: null },
      { id: null, number: -2, time: new Date(time) },
    ]);
    expect(await withWorker(db, (tx) => tx`select * from unnest(${joined([])}::uuid[])`)).toHaveLength(0);
  });
});

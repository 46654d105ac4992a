import { bigint, date, jsonb, pgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { columns } from '../src/columns.ts';

const orders = pgSchema('shop').table('orders', {
  tenantId: uuid('tenant_id').notNull(),
  id: uuid('id').notNull(),
  order: text('order'),
  state: text('state').$type<'open' | 'paid'>().notNull(),
  lines: jsonb('lines').$type<{ sku: string }[]>().notNull(),
  cents: bigint('cents', { mode: 'number' }).notNull(),
  day: date('day').notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
});

/** Takes what a fragment adds to its statement. */
const unsafe = ((text: string) => text) as never;
const textOf = (made: ReturnType<typeof columns>) => made({ unsafe }) as unknown as string;

describe('columns', () => {
  it('names each column of the table after its key, and quotes it: some are words of SQL', () => {
    expect(textOf(columns(orders, { only: ['tenantId', 'id', 'order'] }))).toBe(
      '"tenant_id" as "tenantId", "id", "order"',
    );
  });

  it('puts the alias before every column, and takes all columns by default', () => {
    expect(textOf(columns(orders, { alias: 'o' })).split(', ')).toEqual([
      'o."tenant_id" as "tenantId"',
      'o."id"',
      'o."order"',
      'o."state"',
      'o."lines"',
      'o."cents"::float8 as "cents"',
      'o."day"::text as "day"',
      'o."created_at" as "createdAt"',
    ]);
  });

  it('leaves out the exceptions', () => {
    const made = columns(orders, { except: ['tenantId', 'order', 'lines', 'cents', 'day', 'createdAt'] });
    expect(textOf(made)).toBe('"id", "state"');
    expectTypeOf<typeof made.$row>().toEqualTypeOf<{ id: string; state: 'open' | 'paid' }>();
  });

  it('keeps the order of `only`', () => {
    expect(textOf(columns(orders, { only: ['state', 'id'], alias: 'orders' }))).toBe('orders."state", orders."id"');
  });

  it('gives rows the types of the table', () => {
    const some = columns(orders, { only: ['order', 'state', 'cents', 'day', 'createdAt'] });
    expectTypeOf<typeof some.$row>().toEqualTypeOf<{
      order: string | null;
      state: 'open' | 'paid';
      cents: number;
      day: string;
      createdAt: Date;
    }>();
    const all = columns(orders);
    expectTypeOf<typeof all.$row>().toEqualTypeOf<typeof orders.$inferSelect>();
  });

  it('refuses a column that the table lacks', () => {
    // @ts-expect-error The type checker finds it first.
    expect(() => columns(orders, { only: ['id', 'price'] })).toThrow();
    // @ts-expect-error Nothing is left out by mistake either.
    expect(textOf(columns(orders, { only: ['id'], except: ['ID'] }))).toBe('"id"');
  });
});

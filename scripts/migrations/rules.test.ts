import { loadModule } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { findViolations } from './rules.ts';

beforeAll(() => loadModule());

const what = (sql: string) => findViolations(sql).map((violation) => violation.what);

describe('a migration may', () => {
  it.each([
    ['create a table with its unique index', 'create table a.b (x int not null); create unique index on a.b (x)'],
    ['add a nullable column', 'alter table a.b add column x text'],
    ['add a column with a constant default', "alter table a.b add column x text[] default '{}'::text[] not null"],
    ['add a column that defaults to now()', 'alter table a.b add column x timestamptz default now() not null'],
    ['create an index on an existing table', 'create index on a.b (x)'],
    ['give an existing column a default', 'alter table a.b alter column x set default 1'],
    ['backfill a column that it adds', 'alter table a.b add column x int; update a.b set x = 1'],
    [
      'add a foreign key from a column that it adds',
      'alter table a.b add column x uuid; alter table a.b add constraint k foreign key (t, x) references a.c (t, id)',
    ],
  ])('%s', (_title, sql) => {
    expect(what(sql)).toEqual([]);
  });
});

describe('a migration may not', () => {
  it.each([
    ['drop a column', 'alter table a.b drop column x', 'AT_DropColumn on a.b.x'],
    ['drop a table', 'drop table a.b', 'DropStmt does more than add'],
    ['drop an index', 'drop index a.i', 'DropStmt does more than add'],
    ['rename a column', 'alter table a.b rename column x to y', 'RenameStmt does more than add'],
    ['rename a table', 'alter table a.b rename to c', 'RenameStmt does more than add'],
    ['demand a value of an existing column', 'alter table a.b alter x set not null', 'AT_SetNotNull on a.b.x'],
    ['change a type', 'alter table a.b alter x type bigint', 'AT_AlterColumnType on a.b.x'],
    ['drop a default', 'alter table a.b alter x drop default', 'AT_ColumnDefault on a.b.x'],
    ['drop a constraint', 'alter table a.b drop constraint k', 'AT_DropConstraint on a.b.k'],
    [
      'make an existing column unique',
      'create unique index i on a.b (x)',
      'unique index i on a.b, which old code may violate',
    ],
    [
      'check an existing column',
      'alter table a.b add constraint k check (x > 0)',
      'constraint k on a.b, which old code may violate',
    ],
    [
      'add a column that old code does not fill',
      'alter table a.b add column x int not null',
      'column a.b.x is not null and has no default',
    ],
    [
      'rewrite a table by a volatile default',
      'alter table a.b add column x uuid default gen_random_uuid()',
      'the default of a.b.x may rewrite the whole table',
    ],
    [
      'rewrite a table by a generated column',
      'alter table a.b add column x int generated always as (y) stored',
      'a.b.x rewrites the whole table',
    ],
    ['change what old code reads', 'update a.b set x = 1', 'update of a.b.x, which old code reads'],
    ['delete rows', 'delete from a.b', 'DeleteStmt does more than add'],
    ['hide a statement in a DO block', 'do $$ begin drop table a.b; end $$', 'a DO block cannot be judged'],
    [
      'put a trigger on a table that old code uses',
      'create trigger t before insert on a.b for each row execute function a.f()',
      'CreateTrigStmt on a.b, which old code uses',
    ],
    [
      'replace a function that old code calls',
      "create or replace function a.f() returns int language sql as 'select 1'",
      'CreateFunctionStmt replaces what old code may use',
    ],
  ])('%s', (_title, sql, message) => {
    expect(what(sql)).toEqual([message]);
  });

  it('drop a table and hide it behind one of the same name', () => {
    expect(what('drop table a.b; create table a.b (x int)')).toEqual(['DropStmt does more than add']);
  });
});

it('a violation names the line of its statement, also after comments and multi-byte letters', () => {
  const sql = '-- añade\ncreate table a.b (x int);\n--> statement-breakpoint\n\ndrop table a.c;';
  expect(findViolations(sql)).toEqual([{ line: 5, what: 'DropStmt does more than add' }]);
});

import type postgres from 'postgres';

/** What pg_stat_statements saw of one kind of statement. */
export interface Statement {
  role: string;
  query: string;
  calls: number;
  rows: number;
  /** Elapsed, planning included: more than its processor time where processors are short. */
  ms: number;
}

/** Settings Postgres must start with. */
export const STATEMENT_SETTINGS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
  'pg_stat_statements.max': '1000',
};

/** Forgets what was seen so far. */
export async function resetStatements(sql: postgres.Sql): Promise<void> {
  await sql`create extension if not exists pg_stat_statements`;
  await sql`select pg_stat_statements_reset()`;
}

/** The statements of services since the reset, the dearest first. */
export function topStatements(sql: postgres.Sql, limit: number): Promise<Statement[]> {
  return sql<Statement[]>`
    select r.rolname as role, s.query, sum(s.calls)::int as calls, sum(s.rows)::int as rows,
           sum(s.total_exec_time + s.total_plan_time)::float as ms
    from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where r.rolname like 'recado\\_%'
    group by 1, 2 order by ms desc limit ${limit}`;
}

/** One line that tells a statement from the others: without comments, lists of columns cut. */
export function shortQuery(query: string, length: number): string {
  const flat = query
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\((?:[a-z_]+, ){2,}[a-z_]+\)/g, '(…)')
    .trim();
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`;
}

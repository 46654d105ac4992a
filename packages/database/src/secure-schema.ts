import type { Sql } from './connect.ts';

export interface SecureOptions {
  schema: string;
  appRole: string;
  workerRole: string;
  /** Tables without tenant_id that the tenant-scoped role may use all the same. */
  appTables?: readonly string[];
}

interface Relation {
  name: string;
  kind: 'r' | 'p' | 'v' | 'm';
  tenant: boolean;
  policies: string[];
  secured: boolean;
}

/**
 * Sets the schema's rights after every migration (README, "Two roles"). `nullif(…, '')`: a local
 * setting that was reset reads as an empty string, which is no uuid.
 */
export async function secureSchema(sql: Sql, { schema, appRole, workerRole, appTables = [] }: SecureOptions) {
  const app = quote(appRole);
  const worker = quote(workerRole);
  const statements = [
    `grant usage on schema ${quote(schema)} to ${app}, ${worker}`,
    `grant usage, select on all sequences in schema ${quote(schema)} to ${app}, ${worker}`,
    `grant execute on all functions in schema ${quote(schema)} to ${app}, ${worker}`,
  ];
  for (const relation of await listRelations(sql, schema)) {
    const table = `${quote(schema)}.${quote(relation.name)}`;
    if (relation.kind === 'v') {
      statements.push(
        `alter view ${table} set (security_invoker = true)`,
        `grant select on ${table} to ${app}, ${worker}`,
      );
      continue;
    }
    if (relation.kind === 'm') {
      // Materialized views hold rows of all tenants and have no policies.
      statements.push(`grant select on ${table} to ${worker}`);
      continue;
    }
    statements.push(`grant select, insert, update, delete on ${table} to ${worker}`);
    if (relation.tenant || appTables.includes(relation.name)) {
      statements.push(`grant select, insert, update, delete on ${table} to ${app}`);
    } else {
      statements.push(`revoke all on ${table} from ${app}`);
    }
    if (relation.tenant) statements.push(...policies(relation, table, app, worker));
  }
  statements.push(...(await definerRights(sql, schema, worker)));
  await sql.begin(async (tx) => {
    for (const statement of statements) await tx.unsafe(statement);
  });
}

function policies(relation: Relation, table: string, app: string, worker: string): string[] {
  const mine = `tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid`;
  const statements: string[] = [];
  // Only what is missing: altering a table waits for every transaction that uses it.
  if (!relation.secured) {
    statements.push(`alter table ${table} enable row level security`, `alter table ${table} force row level security`);
  }
  if (!relation.policies.includes('tenant_isolation')) {
    statements.push(
      `create policy tenant_isolation on ${table} for all to ${app} using (${mine}) with check (${mine})`,
    );
  }
  if (!relation.policies.includes('worker_all')) {
    statements.push(`create policy worker_all on ${table} for all to ${worker} using (true) with check (true)`);
  }
  return statements;
}

/**
 * Functions with their owner's rights belong to the worker role: they pass policies, and name the
 * tenant themselves. An admin that is no superuser must grant this first.
 */
async function definerRights(sql: Sql, schema: string, worker: string): Promise<string[]> {
  const functions = await sql<{ name: string }[]>`
    select p.oid::regprocedure::text as name from pg_proc p
    where p.pronamespace = to_regnamespace(${quote(schema)}) and p.prosecdef
      and p.proowner <> to_regrole(${worker})`;
  if (functions.length === 0) return [];
  return [
    `grant ${worker} to current_user`,
    `grant create on schema ${quote(schema)} to ${worker}`,
    ...functions.map(({ name }) => `alter function ${name} owner to ${worker}`),
    `revoke create on schema ${quote(schema)} from ${worker}`,
  ];
}

function listRelations(sql: Sql, schema: string): Promise<Relation[]> {
  return sql<Relation[]>`
    select c.relname as name, c.relkind as kind, c.relrowsecurity and c.relforcerowsecurity as secured,
           exists (select from pg_attribute a
                   where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as tenant,
           array(select p.polname::text from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c
    where c.relnamespace = to_regnamespace(${quote(schema)}) and c.relkind in ('r', 'p', 'v', 'm')
    order by c.relname`;
}

/** An identifier, quoted. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

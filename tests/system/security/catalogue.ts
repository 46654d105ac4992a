import { rolesOf, SERVICE_SCHEMAS, type Sql } from '@recado/database';

/** Tables without `tenant_id`, and why. A new one must be written down here with its reason. */
export const WITHOUT_TENANT: Record<string, string> = {
  inbox: 'which events a consumer has taken, by id: names no tenant and holds nothing of one',
  relay_state: 'what the relay knows of its own stream',
};

/** Unique keys that are not led by the tenant, by the index's name, and why they reveal nothing. */
export const GLOBAL_KEYS: Record<string, string> = {
  outbox_pkey: 'a UUIDv7 of ours',
  dead_letters_pkey: 'a UUIDv7 of ours',
  dead_letters_event: 'consumer and id of an event: nobody but the worker writes it',
  delivery_tries_consumer_event_id_pk: 'consumer and id of an event: nobody but the worker writes it',
  tenants_slug_key: 'slugs name tenants in headers and URLs: one for all',
  channels_id: 'a UUIDv7 of ours; webhooks come with it alone',
  channels_key: 'random, unguessable',
  channels_provider_id: 'Meta’s own id of a number: webhooks name nothing else, so it can lead to one channel alone',
  users_email_key: 'one log-in for all editions: an e-mail belongs to one account',
};

const SCHEMAS = Object.values(SERVICE_SCHEMAS);
const ROLES = SCHEMAS.flatMap((schema) => Object.values(rolesOf(schema)));
const schemaOfRole = (role: string) => SCHEMAS.find((schema) => Object.values(rolesOf(schema)).includes(role));

interface Policy {
  roles: string[];
  using: string | null;
  check: string | null;
}

export interface Table {
  schema: string;
  name: string;
  tenant: boolean;
  enabled: boolean;
  forced: boolean;
  policies: Policy[];
}

/** Every table of the services' schemas, partitions included. */
export function listTables(admin: Sql): Promise<Table[]> {
  return admin<Table[]>`
    select n.nspname as schema, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
           exists (select from pg_attribute a
                   where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as tenant,
           coalesce((select jsonb_agg(jsonb_build_object(
             'roles', (select jsonb_agg(coalesce(r.rolname, 'public')) from unnest(p.polroles) as o(oid)
                       left join pg_roles r on r.oid = o.oid),
             'using', pg_get_expr(p.polqual, p.polrelid),
             'check', pg_get_expr(p.polwithcheck, p.polrelid))) from pg_policy p where p.polrelid = c.oid), '[]') as policies
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(${SCHEMAS}) and c.relkind in ('r', 'p')
    order by 1, 2`;
}

/** What of a table's row level security is not as it must be; each problem a sentence. */
export function tableProblems(table: Table): string[] {
  const name = `${table.schema}.${table.name}`;
  if (!table.tenant) return table.name in WITHOUT_TENANT ? [] : [`${name} has no tenant_id and no reason`];
  const { app, worker } = rolesOf(table.schema);
  const of = (role: string) =>
    table.policies.filter(({ roles }) => roles.includes(role) || (role === app && roles.includes('public')));
  const open = of(app).filter(({ using, check }) =>
    [using, check].some((rule) => !rule?.includes('tenant_id') || !rule.includes(`current_setting('app.tenant_id'`)),
  );
  return [
    ...(table.enabled ? [] : [`${name} has no row level security`]),
    ...(table.forced ? [] : [`${name} does not force it on its owner`]),
    ...(of(app).length > 0 ? [] : [`${name} has no policy for ${app}`]),
    ...(of(worker).length > 0 ? [] : [`${name} has no policy for ${worker}`]),
    ...(open.length > 0 ? [`${name} has a policy for ${app} that does not ask for the tenant`] : []),
  ];
}

/**
 * Functions with the rights of the worker role. Each names the tenant of its transaction, which
 * row-security.test.ts tries.
 */
const DEFINERS = ['conversation.find_contacts'];

/**
 * Views that would read with their owner's rights, functions that run with them, and copies that
 * know no policies.
 */
export async function definerProblems(admin: Sql): Promise<string[]> {
  const rows = await admin<{ what: string }[]>`
    select 'view ' || n.nspname || '.' || c.relname || ' is not security_invoker' as what
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any(${SCHEMAS}) and c.relkind = 'v'
      and not coalesce(c.reloptions @> array['security_invoker=true'], false)
    union all
    select 'function ' || n.nspname || '.' || p.proname || ' is security definer'
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any(${SCHEMAS}) and p.prosecdef and not n.nspname || '.' || p.proname = any(${DEFINERS})
    union all
    select r.rolname || ' may read the materialized view ' || n.nspname || '.' || c.relname
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join pg_roles r
    where n.nspname = any(${SCHEMAS}) and c.relkind = 'm' and r.rolname like 'recado\\_%\\_app'
      and has_table_privilege(r.oid, c.oid, 'select')
    order by 1`;
  return rows.map(({ what }) => what);
}

/** What a service's role has or may do that it must not. */
export async function roleProblems(admin: Sql): Promise<string[]> {
  const attributes = await admin<{ name: string }[]>`
    select rolname || ' has an attribute beyond login' as name from pg_roles
    where rolname = any(${ROLES})
      and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or not rolcanlogin)
    union all
    select m.rolname || ' is a member of ' || r.rolname
    from pg_auth_members am join pg_roles m on m.oid = am.member join pg_roles r on r.oid = am.roleid
    where m.rolname = any(${ROLES})
    union all
    select r.rolname || ' owns ' || c.oid::regclass
    from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = any(${ROLES})
    union all
    select r.rolname || ' owns the schema ' || n.nspname
    from pg_namespace n join pg_roles r on r.oid = n.nspowner where r.rolname = any(${ROLES})
    order by 1`;
  const present = await admin<{ name: string }[]>`select rolname as name from pg_roles where rolname = any(${ROLES})`;
  const missing = ROLES.filter((role) => !present.some(({ name }) => name === role));
  const schemas = await admin<{ role: string; schema: string; create: boolean }[]>`
    select r.rolname as role, n.nspname as schema, has_schema_privilege(r.oid, n.oid, 'create') as create
    from pg_roles r cross join pg_namespace n
    where r.rolname = any(${ROLES}) and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
      and (has_schema_privilege(r.oid, n.oid, 'usage') or has_schema_privilege(r.oid, n.oid, 'create'))`;
  // Rights on the tables themselves too: usage of the schema may be granted by mistake one day.
  const tables = await admin<{ role: string; schema: string; name: string; tenant: boolean }[]>`
    select r.rolname as role, n.nspname as schema, c.relname as name,
           exists (select from pg_attribute a
                   where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as tenant
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join pg_roles r
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p')
      and r.rolname = any(${ROLES})
      and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')
    order by 1, 2, 3`;
  const stripped = await admin<{ name: string }[]>`
    select r.rolname || ' may empty or rebuild ' || c.oid::regclass as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join pg_roles r
    where n.nspname = any(${SCHEMAS}) and c.relkind in ('r', 'p') and r.rolname = any(${ROLES})
      and has_table_privilege(r.oid, c.oid, 'truncate, references, trigger')
    order by 1`;
  return [
    ...missing.map((role) => `${role} is missing`),
    ...attributes.map(({ name }) => name),
    ...stripped.map(({ name }) => name),
    ...schemas
      .filter(({ role, schema, create }) => create || schemaOfRole(role) !== schema)
      .map(({ role, schema, create }) => `${role} may ${create ? 'create in' : 'use'} the schema ${schema}`),
    ...tables
      .filter(({ role, schema }) => schemaOfRole(role) !== schema)
      .map(({ role, schema, name }) => `${role} may touch ${schema}.${name}`),
    ...tables
      .filter(({ role, schema, tenant }) => !tenant && role === rolesOf(schema).app)
      .map(({ role, schema, name }) => `${role} may touch ${schema}.${name}, which knows no tenants`),
  ];
}

/**
 * Unique keys by which one tenant could find out that another has a value, and references that
 * cross tenants.
 */
export async function keyProblems(admin: Sql): Promise<string[]> {
  const uniques = await admin<{ schema: string; table: string; index: string; columns: string[] }[]>`
    select n.nspname as schema, t.relname as table, i.relname as index,
           array(select coalesce(a.attname, '(expression)') from unnest(x.indkey::int2[]) with ordinality as k(attnum, at)
                 left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attnum order by at) as columns
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = any(${SCHEMAS}) and x.indisunique
    order by 1, 2, 3`;
  const foreign = await admin<{ name: string; columns: string[] }[]>`
    select c.conrelid::regclass || ' ' || c.conname as name,
           array(select a.attname from unnest(c.conkey) as k(attnum)
                 join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum) as columns
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    where n.nspname = any(${SCHEMAS}) and c.contype = 'f'
    order by 1`;
  return [
    ...uniques
      .filter(
        ({ table, index, columns }) =>
          columns[0] !== 'tenant_id' && !(table in WITHOUT_TENANT) && !(index in GLOBAL_KEYS),
      )
      .map(
        ({ schema, table, index, columns }) =>
          `${schema}.${table}: ${index} (${columns.join(', ')}) is not the tenant’s`,
      ),
    ...foreign.filter(({ columns }) => !columns.includes('tenant_id')).map(({ name }) => `${name} may cross tenants`),
  ];
}

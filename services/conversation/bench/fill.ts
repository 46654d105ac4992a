import type { Sql } from '@recado/database';

/** A message has a tenth of a chat and of a contact: as many as companies have. */
export const PER_CHAT = 10;
/** The beginnings of names, the most frequent first: "carlos" is the third. */
const FIRST = 'maria,jose,carlos,ana,luis,juan,rosa,pedro,lucia,jorge,carmen,miguel,elena,diego,sofia,pablo'.split(',');
const LAST = 'garcia,lopez,silva,perez,santos,rojas,torres,souza,vargas,mendoza,quispe,flores,castro,ramos'.split(',');

export interface Tenant {
  id: string;
  channels: string[];
  agents: string[];
  campaigns: string[];
}

/** An id of that time, as uuidv7() makes them, for Postgres before 18. */
const ID = (n: string, kind: string, at: string) => `(
  lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5('${kind}' || ${n}), 1, 3)
  || '8' || substr(md5('${kind}' || ${n} || t.id), 4, 15))::uuid`;
const AT = (n: string) => `(timestamptz '2026-01-01' + make_interval(secs => ${n} * 20))`;
const list = (texts: readonly string[]) => `array[${texts.map((text) => `'${text}'`).join(',')}]`;
/** A member of a list; the first are frequent, as in life. */
const skewed = (texts: readonly string[], n: string) =>
  `(${list(texts)})[1 + floor(power((hashtext((${n})::text || '${texts[0]}')::bigint & 65535) / 65536.0, 1.6) * ${texts.length})::int]`;
const even = (texts: readonly string[], n: string) => `(${list(texts)})[1 + (${n}) % ${texts.length}]`;

/** Chats from number `from` up to `to`, with their contacts and messages, as the worker role. */
export async function fill(sql: Sql, tenant: Tenant, from: number, to: number): Promise<void> {
  const [t, chats] = [`(select '${tenant.id}'::uuid as id) t`, `generate_series(${from}, ${to - 1})`];
  await sql.unsafe(`
    insert into contacts (tenant_id, id, name, phone, company, lead_status, lead_score, blocked_at, entered_at)
    select t.id, ${ID('n', 'contact', AT('n'))}, initcap(${skewed(FIRST, 'n')}) || ' ' || initcap(${skewed(LAST, 'n * 7')}),
           '+519' || lpad((10000000 + n * 7919 % 80000000)::text, 8, '0'),
           case when n % 5 = 0 then 'Empresa ' || (n % 300) end, (array['new','new','new','contacted','won'])[1 + n % 5],
           n % 101, case when n % 500 = 0 then now() end, now()
    from ${t}, ${chats} n`);
  await sql.unsafe(`
    insert into conversations (tenant_id, id, channel_id, provider, contact_id, status, archived, priority, assigned_user_id,
      campaign_id, message_count, last_message_id, last_message_content, last_message_direction, last_message_type,
      last_message_at, last_inbound_at, created_at)
    select t.id, ${ID('n', 'chat', AT('n'))}, ${even(tenant.channels, 'n')}::uuid, 'meta', ${ID('n', 'contact', AT('n'))},
           (array['closed','closed','closed','closed','closed','closed','active','assigned','queued','new'])[1 + n % 10],
           n % 50 = 0, (array['normal','normal','low','high','urgent'])[1 + n / 10 % 5],
           case when n % 10 between 3 and 7 then ${even(tenant.agents, 'n / 10')}::uuid end,
           case when n % 3 = 0 then ${even(tenant.campaigns, 'n')}::uuid end, ${PER_CHAT},
           ${ID(`(n * ${PER_CHAT} + ${PER_CHAT - 1})`, 'message', AT('n'))}, 'Muchas gracias, espero su respuesta', 'inbound',
           'text', ${AT('n')} + make_interval(mins => n * 7919 % 100000), now(), ${AT('n')}
    from ${t}, ${chats} n`);
  // One chat of a hundred has most of the messages of its hundred.
  await sql.unsafe(`
    insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, status,
                          provider_message_id, author, sent_time)
    select t.id, ${ID('m', 'message', AT('n'))}, ${ID('c', 'chat', AT('c'))}, ${even(tenant.channels, 'c')}::uuid,
           (array['inbound','outbound'])[1 + m % 2], 'text', 'Buenos días, consulto por el pedido ' || m || ' de ayer',
           'delivered', 'wamid.' || encode(sha256((t.id::text || m)::bytea), 'base64'), (array['contact','user'])[1 + m % 2],
           ${AT('n')} + make_interval(secs => m % ${PER_CHAT})
    from ${t}, ${chats} n, generate_series(n * ${PER_CHAT}, n * ${PER_CHAT} + ${PER_CHAT - 1}) m,
         lateral (select case when m % 3 = 0 then n - n % 100 else n end as c) x`);
  await fillGroups(sql, t, from, to);
}

/** A group for each ten contacts, and each contact in one. */
async function fillGroups(sql: Sql, t: string, from: number, to: number): Promise<void> {
  const groups = `generate_series(${from / 10}, ${to / 10 - 1})`;
  await sql.unsafe(`
    insert into groups (tenant_id, id, name)
    select t.id, ${ID('g', 'group', AT('g * 10'))}, 'Grupo ' || g || ' ' || ${skewed(LAST, 'g')} from ${t}, ${groups} g`);
  await sql.unsafe(`
    insert into group_contacts (tenant_id, group_id, contact_id)
    select t.id, ${ID('g', 'group', AT('g * 10'))}, ${ID('n', 'contact', AT('n'))}
    from ${t}, ${groups} g, generate_series(g * 10, g * 10 + 9) n`);
}

import type { User } from '@recado/contracts';
import { latestOf, type Tx } from '@recado/database';

/** The part of a user that decides on what routing may give them. */
export interface AgentSettings {
  tenantId: string;
  id: string;
  /** identity's, or `removed`. */
  status: User['status'] | 'removed';
  maxChats: number;
  autoAssign: boolean;
  /** Of the event it was learned from, ISO 8601, and its id: of two the later counts. */
  settingsAt: string;
  settingsId: string;
}

/** Whether the user takes chats now. */
interface AgentPresence {
  tenantId: string;
  id: string;
  agentStatus: User['agentStatus'];
  presenceAt: string;
  presenceId: string;
}

/** Older than every event. */
const EPOCH = '1970-01-01T00:00:00.000Z';
const NO_EVENT = '00000000-0000-0000-0000-000000000000';

/** All that is known of an agent, as identity answers. Every event comes after it. */
export type KnownAgent = Omit<AgentSettings & AgentPresence, 'settingsId' | 'presenceId'>;

export async function saveAgents(tx: Tx, known: readonly KnownAgent[]): Promise<void> {
  await saveSettings(
    tx,
    known.map((agent) => ({ ...agent, settingsId: NO_EVENT })),
  );
  await savePresence(
    tx,
    known.map((agent) => ({ ...agent, presenceId: NO_EVENT })),
  );
}

/** An agent who takes fewer chats than before. */
export interface LoweredLimit {
  tenantId: string;
  userId: string;
  /** Whose chats count; null: all of theirs. */
  campaignId: string | null;
  maxChats: number;
}

/**
 * Remembers settings, in any order. A removed user stays removed.
 * @returns those whose limit is lower than before
 */
export async function saveSettings(tx: Tx, learned: readonly AgentSettings[]): Promise<LoweredLimit[]> {
  const rows = latestOf(
    learned,
    ({ tenantId, id }) => `${tenantId} ${id}`,
    ({ status, settingsAt, settingsId }) => `${status === 'removed' ? 1 : 0} ${settingsAt} ${settingsId}`,
  );
  if (rows.length === 0) return [];
  const of = <K extends keyof AgentSettings>(key: K) => rows.map((row) => row[key]);
  const written = await tx<{ tenantId: string; userId: string; maxChats: number; was: number | null }[]>`
    with u as (
      select * from unnest(${of('tenantId')}::uuid[], ${of('id')}::uuid[], ${of('status')}::text[], ${of('maxChats')}::int[],
                ${rows.map(({ autoAssign }) => String(autoAssign))}::text[]::bool[], ${of('settingsAt')}::text[]::timestamptz[], ${of('settingsId')}::uuid[])
        as u (tenant_id, id, status, max_chats, auto_assign, settings_at, settings_id)
    ), before as materialized (
      select a.tenant_id, a.id, a.max_chats from u join agents a using (tenant_id, id)
      where a.status not in ('unknown', 'removed') order by a.tenant_id, a.id for update of a
    ), written as (
      insert into agents as a (tenant_id, id, agent_status, presence_at, presence_id, status, max_chats, auto_assign,
                               settings_at, settings_id)
      select u.tenant_id, u.id, 'offline', ${EPOCH}::timestamptz, ${NO_EVENT}::uuid, u.status, u.max_chats, u.auto_assign,
             u.settings_at, u.settings_id
      from u left join before b using (tenant_id, id)
      on conflict (tenant_id, id) do update
        set status = excluded.status, max_chats = excluded.max_chats, auto_assign = excluded.auto_assign,
            settings_at = excluded.settings_at, settings_id = excluded.settings_id
      where a.status <> 'removed'
        and (excluded.status = 'removed' or (a.settings_at, a.settings_id) < (excluded.settings_at, excluded.settings_id))
      returning a.tenant_id, a.id, a.max_chats
    )
    select w.tenant_id as "tenantId", w.id as "userId", w.max_chats as "maxChats", b.max_chats as was
    from written w left join before b using (tenant_id, id)`;
  return written.flatMap(({ was, ...one }) =>
    was !== null && one.maxChats < was ? [{ ...one, campaignId: null }] : [],
  );
}

/** An agent whose presence an event changed. */
export type PresenceChange = Pick<AgentPresence, 'tenantId' | 'id' | 'agentStatus'>;

/**
 * Remembers presence, in any order. Of an unknown user too: settings follow.
 * @returns those whose presence is another than before; a repeat changes nothing
 */
export async function savePresence(tx: Tx, learned: readonly AgentPresence[]): Promise<PresenceChange[]> {
  const rows = latestOf(
    learned,
    ({ tenantId, id }) => `${tenantId} ${id}`,
    ({ presenceAt, presenceId }) => `${presenceAt} ${presenceId}`,
  );
  if (rows.length === 0) return [];
  const of = <K extends keyof AgentPresence>(key: K) => rows.map((row) => row[key]);
  const written = await tx<(PresenceChange & { was: string | null })[]>`
    with u as (
      select * from unnest(${of('tenantId')}::uuid[], ${of('id')}::uuid[], ${of('agentStatus')}::text[],
                           ${of('presenceAt')}::text[]::timestamptz[], ${of('presenceId')}::uuid[])
        as u (tenant_id, id, agent_status, presence_at, presence_id)
    ), before as materialized (
      select a.tenant_id, a.id, a.agent_status from u join agents a using (tenant_id, id)
      order by a.tenant_id, a.id for update of a
    ), written as (
      insert into agents as a (tenant_id, id, agent_status, presence_at, presence_id, status, max_chats, auto_assign,
                               settings_at, settings_id)
      select u.tenant_id, u.id, u.agent_status, u.presence_at, u.presence_id, 'unknown', 0, false, ${EPOCH}::timestamptz,
             ${NO_EVENT}::uuid
      from u left join before b using (tenant_id, id)
      on conflict (tenant_id, id) do update
        set agent_status = excluded.agent_status, presence_at = excluded.presence_at, presence_id = excluded.presence_id
      where (a.presence_at, a.presence_id) < (excluded.presence_at, excluded.presence_id)
      returning a.tenant_id, a.id, a.agent_status
    )
    select w.tenant_id as "tenantId", w.id, w.agent_status as "agentStatus", b.agent_status as was
    from written w left join before b using (tenant_id, id)`;
  return written.filter(({ was, agentStatus }) => was !== agentStatus);
}

import type { Role, User } from '@recado/contracts';
import { columns } from './columns.ts';
import type { Database, Tx } from './connect.ts';
import { latestOf } from './latest.ts';
import { users } from './schema.ts';
import { readTenant, withTenant } from './tenant.ts';

/** A user as services other than identity know it: no name and no e-mail, so nothing to erase. */
export interface KnownUser {
  tenantId: string;
  id: string;
  role: Role;
  status: User['status'] | 'removed';
}

/** A user, and what it was learned from: of two states the later counts. */
export interface LearnedUser extends KnownUser {
  /** Of the event, ISO 8601. */
  changedAt: string;
  /** The event's id (UUIDv7): decides within a millisecond. */
  changeId: string;
}

/** Of a user that was asked for: every event comes after it. */
const NO_EVENT = '00000000-0000-0000-0000-000000000000';

/** Remembers users, in any order of their states. A removed user stays removed. */
export async function saveUsers(tx: Tx, learned: readonly LearnedUser[]): Promise<void> {
  const rows = latestOf(
    learned,
    ({ tenantId, id }) => `${tenantId} ${id}`,
    ({ status, changedAt, changeId }) => `${status === 'removed' ? 1 : 0} ${changedAt} ${changeId}`,
  );
  if (rows.length === 0) return;
  const of = <K extends keyof LearnedUser>(key: K) => rows.map((row) => row[key]);
  await tx`
    insert into users (tenant_id, id, role, status, changed_at, change_id)
    select * from unnest(${of('tenantId')}::uuid[], ${of('id')}::uuid[], ${of('role')}::text[], ${of('status')}::text[],
                         ${of('changedAt')}::text[]::timestamptz[], ${of('changeId')}::uuid[])
    on conflict (tenant_id, id) do update
      set role = excluded.role, status = excluded.status, changed_at = excluded.changed_at, change_id = excluded.change_id
    where users.status <> 'removed'
      and (excluded.status = 'removed'
           or (users.changed_at, users.change_id) < (excluded.changed_at, excluded.change_id))`;
}

const knownColumns = columns(users, { except: ['changedAt', 'changeId'] });

/** The users that are known of these. */
function findUsers(tx: Tx, tenantId: string, ids: readonly string[]) {
  return tx<KnownUser[]>`
    select ${knownColumns(tx)} from users
    where tenant_id = ${tenantId} and id = any(${ids as string[]}::uuid[])`;
}

export interface UserDirectory {
  /**
   * A user of the tenant, asked for once when no event has come yet. A removed one has that status.
   * @throws what `ask` threw: NotFound of a user that the tenant does not have
   */
  get(tenantId: string, userId: string): Promise<KnownUser>;
}

/**
 * Looks users up. Events fill the table; who was there before this service listened is asked for
 * and stored.
 * @param db the pool of the tenant-scoped role
 * @param ask the owner's answer; its `changedAt` must not be later than the user's first event
 */
export function createUserDirectory(
  db: Database,
  ask: (tenantId: string, userId: string) => Promise<Pick<LearnedUser, 'role' | 'status' | 'changedAt'>>,
): UserDirectory {
  const find = (tenantId: string, userId: string) =>
    readTenant(db, tenantId, (tx) => [findUsers(tx, tenantId, [userId])]).then(([[user]]) => user);
  return {
    async get(tenantId, userId) {
      const known = await find(tenantId, userId);
      if (known) return known;
      const answer = await ask(tenantId, userId);
      await withTenant(db, tenantId, (tx) => saveUsers(tx, [{ ...answer, tenantId, id: userId, changeId: NO_EVENT }]));
      // An event that came during the question counts.
      return (await find(tenantId, userId))!;
    },
  };
}

import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type identityApi,
  identityAudit,
  type RouteInput,
  type User,
} from '@recado/contracts';
import { isUniqueViolation, type Tx, withTenant } from '@recado/database';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import { type Caller, Conflict, Forbidden, NotFound, requirePermission, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { refuseCommonPassword } from '../passwords/common.ts';
import { changePresence } from '../presence/store.ts';
import { getRole } from '../roles/store.ts';
import { announceEnded, type EndReason, endUserSessions } from '../sessions/end.ts';
import { lockTenant } from '../tenants/store.ts';
import { checkChange } from './check-change.ts';
import { auditedUser, userUpdatedEvent } from './events.ts';
import { type Profile, profilePatch } from './profile.ts';
import { changesRole, isProfileOnly } from './rules.ts';
import { countOtherAdmins, getUser, lockUser, patchUser, type UserPatch, type UserRow, userView } from './store.ts';

type Input = RouteInput<typeof identityApi.updateUser>['body'];

/**
 * Changes a user. Without `users.update` only the own profile. A new role, status or password ends
 * the user's sessions, and an inactive user goes offline.
 * @throws NotFound `user` or `role`, Forbidden (checkChange), Conflict `last_admin`
 * @throws Conflict `user` for a taken e-mail; ValidationFailed for password, phone or avatar
 */
export async function updateUser(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  userId: string,
  input: Input,
): Promise<User> {
  const { tenantId } = caller;
  const self = caller.userId === userId;
  if (!(self && isProfileOnly(input))) requirePermission(caller, 'users.update', { services: false });
  const patch: UserPatch = await profilePatch(deps, tenantId, input);
  if (input.email !== undefined) patch.email = input.email;
  if (input.maxConcurrentChats !== undefined) patch.max_concurrent_chats = input.maxConcurrentChats;
  if (input.autoAssign !== undefined) patch.auto_assign = input.autoAssign;
  if (input.status !== undefined) patch.status = input.status;
  if (input.password !== undefined) patch.password_hash = await hashFor(deps, caller, userId, input.password);
  const changed = input.role !== undefined || input.customRoleId !== undefined || input.status !== undefined;

  const done = await change(deps, tenantId, async (tx) => {
    // Before the user, as everywhere: changes of admins are counted one at a time.
    if (changed) await lockTenant(tx, tenantId);
    const before = await lockUser(tx, tenantId, userId);
    if (!before) throw new NotFound('user', userId);
    const role = await nextRole(tx, before, input);
    const after = { ...before, ...role, status: patch.status ?? before.status };
    const takesOver = input.password !== undefined || (input.email ?? before.email) !== before.email;
    await checkChange(caller, before, after, { otherAdmins: () => countOtherAdmins(tx, tenantId, userId), takesOver });
    if (changesRole(before, after))
      Object.assign(patch, { role: role.role, custom_role_id: role.customRole?.id ?? null });
    return save(tx, origin, before, patch);
  });
  await announceEnded(deps, done.ended);
  return userView(done.user);
}

/**
 * Changes the caller's own profile. @throws Unauthorized without a user, ValidationFailed for a
 * phone or an avatar's URL
 */
export async function updateMe(deps: Deps, caller: Caller, origin: AuditOrigin, input: Profile): Promise<User> {
  const { tenantId, userId } = caller;
  if (!userId) throw new Unauthorized('This takes a person');
  const patch = await profilePatch(deps, tenantId, input);
  const { user } = await change(deps, tenantId, async (tx) => {
    const before = await lockUser(tx, tenantId, userId);
    // Removed a moment ago: the edge does not know it yet.
    if (!before) throw new Unauthorized('The session has ended');
    return save(tx, origin, before, patch);
  });
  return userView(user);
}

interface Saved {
  user: UserRow;
  /** Sessions that ended with the change. */
  ended: string[];
}

/**
 * Writes what differs, with its events and its one audit entry; nothing at all when nothing does.
 */
async function save(tx: Tx, origin: AuditOrigin, before: UserRow, patch: UserPatch): Promise<Saved> {
  const { tenantId, id } = before;
  if (isIdle(before, patch)) return { user: before, ended: [] };
  const { traceparent } = origin;
  const saved = await patchUser(tx, tenantId, id, patch);
  const events: OutgoingEvent[] = [];
  let user = saved;
  if (saved.status !== 'active' && saved.agentStatus !== 'offline') {
    const offline = { agentStatus: 'offline' as const, reason: null, changedBy: origin.actor.userId };
    const presence = await changePresence(tx, saved, offline, traceparent);
    user = presence.user;
    events.push(presence.event);
  }
  const password = patch.password_hash !== undefined;
  const changes = changesBetween(
    { ...auditedUser(before), ...(password ? { password: 'before' } : {}) },
    { ...auditedUser(user), ...(password ? { password: 'after' } : {}) },
  );
  const reason = endReason(before, user, password);
  const ended = reason ? await endUserSessions(tx, tenantId, id, reason, traceparent) : [];
  await enqueue(tx, [
    userUpdatedEvent(user, Object.keys(changes ?? {}), traceparent),
    ...events,
    buildAudit(identityAudit, origin, { action: 'user.update', entityType: 'user', entityId: id, changes }),
  ]);
  return { user, ended };
}

/** Screens send whole forms: what is as it was is no change. */
function isIdle(before: UserRow, patch: UserPatch): boolean {
  const present: Required<Omit<UserPatch, 'password_hash'>> = {
    email: before.email,
    first_name: before.firstName,
    last_name: before.lastName,
    phone: before.phone,
    avatar_url: before.avatarUrl,
    role: before.role,
    custom_role_id: before.customRole?.id ?? null,
    status: before.status,
    max_concurrent_chats: before.maxConcurrentChats,
    auto_assign: before.autoAssign,
  };
  const { password_hash, ...rest } = patch;
  return (
    password_hash === undefined &&
    Object.entries(rest).every(([key, value]) => present[key as keyof typeof present] === value)
  );
}

function endReason(before: UserRow, after: UserRow, password: boolean): EndReason | null {
  if (before.status !== after.status) return 'user_suspended';
  if (changesRole(before, after)) return 'role_changed';
  return password ? 'password_changed' : null;
}

/**
 * The hash of a password that a caller sets for another user. Rights and existence are checked
 * before the hash.
 */
async function hashFor(deps: Deps, caller: Caller, userId: string, password: string): Promise<string> {
  if (caller.userId === userId) throw new Forbidden('One’s own password is changed with the present one');
  refuseCommonPassword(password);
  const user = await getUser(deps.db, caller.tenantId, userId);
  await checkChange(caller, user, user, { otherAdmins: async () => 0, takesOver: true });
  return deps.passwords.hash(password);
}

/**
 * The role a change leads to. A custom role brings its base role; another built-in role takes the
 * place of a custom one.
 */
async function nextRole(tx: Tx, before: UserRow, input: Input): Promise<Pick<UserRow, 'role' | 'customRole'>> {
  const { role, customRoleId } = input;
  if (customRoleId) {
    const custom = await getRole(tx, before.tenantId, customRoleId);
    return { role: custom.baseRole, customRole: custom };
  }
  if (customRoleId === null) return { role: role ?? before.role, customRole: null };
  if (role !== undefined && role !== before.role) return { role, customRole: null };
  return before;
}

/** @throws Conflict `user` when the e-mail is another's */
async function change(deps: Deps, tenantId: string, work: (tx: Tx) => Promise<Saved>): Promise<Saved> {
  try {
    return await withTenant(deps.db, tenantId, work);
  } catch (error) {
    if (isUniqueViolation(error, 'users_email_key')) throw new Conflict('This e-mail is already in use', 'user');
    throw error;
  }
}

import { type Caller, Forbidden, holdsPermission } from '@recado/service-kit';

/**
 * The user whose chats' answers a caller sees: null for all. Without analytics.read a user sees
 * those about their own chats. A key or a service sees all.
 * @throws Forbidden for a user without an id, so that it never means everything
 */
export function surveyUserOf(caller: Caller): string | null {
  if (caller.role === 'key' || caller.role === 'service' || holdsPermission(caller, 'analytics.read')) return null;
  if (caller.userId === null) throw new Forbidden('This takes a person');
  return caller.userId;
}

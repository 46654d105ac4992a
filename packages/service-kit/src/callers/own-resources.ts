import { Forbidden } from '../http/errors.ts';
import type { Caller } from './caller.ts';

/**
 * Which rows with creators a caller sees: the id of that creator, or null for all. Scheduler users
 * see their own; its admins, other editions, API keys and services see all.
 * @throws Forbidden for a user without an id, so that it never means everything
 */
export function ownerSeenBy({ edition, role, userId }: Caller): string | null {
  if (edition !== 'scheduler' || role === 'admin' || role === 'key' || role === 'service') return null;
  if (userId === null) throw new Forbidden('This takes a person');
  return userId;
}

import type { Caller } from './caller.ts';
import { Forbidden } from './errors.ts';

/**
 * The one rule of whose things a caller sees, changes and uses, where things have creators: the id of the only person whose things those
 * are, or null for everything of the tenant. People in scheduler see what they created; its admins, other editions, machines and services see
 * all. What somebody doesn't see is to them as if it were not there.
 * @throws Forbidden for a person without an id: nobody is taken for everybody
 */
export function ownerSeenBy({ edition, role, userId }: Caller): string | null {
  if (edition !== 'scheduler' || role === 'admin' || role === 'key' || role === 'service') return null;
  if (userId === null) throw new Forbidden('This takes a person');
  return userId;
}

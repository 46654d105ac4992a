import type { Permission } from '@recado/contracts';
import { type Caller, holdsPermission } from './caller.ts';
import { ownerSeenBy } from './own-resources.ts';

/**
 * What seeing something takes. Routes, internal routes and events to sockets are judged by the same
 * functions.
 */
export interface Access {
  /** The caller holds every one of them. */
  permissions: readonly Permission[];
  /** Only this person, as with notifications; null is no person at all. */
  person?: string | null;
  /** Who created it, where things have creators (`ownerSeenBy`). */
  createdBy?: string | null;
}

/** Whether a caller may see what takes this access. Never throws. */
export function isAllowed(caller: Caller, { permissions, person, createdBy }: Access): boolean {
  if (!permissions.every((permission) => holdsPermission(caller, permission))) return false;
  if (person !== undefined && (person === null || caller.userId !== person)) return false;
  return createdBy === undefined || seesThingsOf(caller, createdBy);
}

function seesThingsOf(caller: Caller, creator: string | null): boolean {
  try {
    const owner = ownerSeenBy(caller);
    return owner === null || owner === creator;
  } catch {
    return false; // a person without an id
  }
}

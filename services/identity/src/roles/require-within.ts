import { type Caller, Forbidden } from '@recado/service-kit';
import { isWithin, type Rights } from './rules.ts';

/** @throws Forbidden when the rights go beyond the caller's: callers give only what they have */
export function requireWithin(caller: Caller, rights: Rights): void {
  if (!isWithin(caller, rights)) throw new Forbidden('This takes rights that you do not have');
}

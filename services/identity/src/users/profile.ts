import { ValidationFailed } from '@recado/service-kit';
import { type Country, countryOf, normalisePhone } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import { getTenant } from '../tenants/store.ts';
import type { UserPatch } from './store.ts';

export interface Profile {
  firstName?: string | undefined;
  lastName?: string | undefined;
  phone?: string | null | undefined;
  avatarUrl?: string | null | undefined;
}

/**
 * The columns of what was given of a profile: phones as E.164, read in the tenant's country, an
 * empty one as none.
 * @throws ValidationFailed naming `phone` or `avatarUrl`
 */
export async function profilePatch(deps: Deps, tenantId: string, profile: Profile): Promise<UserPatch> {
  const { firstName, lastName, phone, avatarUrl } = profile;
  const patch: UserPatch = {};
  if (firstName !== undefined) patch.first_name = firstName;
  if (lastName !== undefined) patch.last_name = lastName;
  if (phone !== undefined)
    patch.phone = phone?.trim() ? phoneOf(phone, countryOf(await getTenant(deps.db, tenantId))) : null;
  if (avatarUrl !== undefined) patch.avatar_url = avatarUrl === null ? null : webUrl(avatarUrl);
  return patch;
}

export const phoneOf = (phone: string | null, country: Country | null): string | null =>
  phone?.trim() ? normalisePhone(phone, country) : null;

/** Screens show it as a picture: no `javascript:`, `data:` or `file:`. */
function webUrl(url: string): string {
  if (/^https?:\/\//i.test(url)) return url;
  throw new ValidationFailed([{ field: 'avatarUrl', message: 'Must be an http or https URL', code: 'url' }]);
}

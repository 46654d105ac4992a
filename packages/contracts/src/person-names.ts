/** One name as two: cut at the first space. */
export function splitName(name: string | null): { firstName: string; lastName: string } {
  const [firstName = '', ...rest] = (name ?? '').trim().split(/\s+/);
  return { firstName, lastName: rest.join(' ') };
}

/** The two of a contact: as a person wrote them, else cut from its name. */
export const namesOf = (one: {
  name: string | null;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
}): { firstName: string; lastName: string } =>
  (one.firstName ?? one.lastName ?? null) === null
    ? splitName(one.name)
    : { firstName: one.firstName ?? '', lastName: one.lastName ?? '' };

/** Both as one; null when there is neither. */
export const joinNames = (firstName: string | null, lastName: string | null): string | null =>
  [firstName, lastName].filter(Boolean).join(' ') || null;

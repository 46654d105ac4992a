import type { FieldCode, FieldError } from '@recado/contracts';
import { FIELD_CODES } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { AppError, ValidationFailed } from '@recado/service-kit';
import { checkAssignable } from '../conversations/assignee.ts';
import type { Deps } from '../deps.ts';

const wrong = (field: string, code: FieldCode): FieldError => ({ field, code, message: FIELD_CODES[code] });

/** The problem of an assignee, if any. Beside a transaction, because identity may be asked. */
export async function findAssigneeProblem(deps: Deps, tenantId: string, userId: string): Promise<FieldError[]> {
  try {
    await checkAssignable(deps, tenantId, userId);
    return [];
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return [wrong('assignedUserId', 'unknown_user')];
    throw error;
  }
}

interface Named {
  contactId?: string | null | undefined;
  conversationId?: string | null | undefined;
}

/**
 * The contact of a task: as named, else its conversation's. It stays until the commit.
 * @throws ValidationFailed naming what the tenant does not have, with `problems` found before
 */
export async function resolveContact(
  tx: Tx,
  tenantId: string,
  { contactId, conversationId }: Named,
  problems: readonly FieldError[],
): Promise<string | null> {
  const found = [...problems];
  let contact = contactId ?? null;
  if (conversationId) {
    const [row] = await tx<{ contactId: string }[]>`
      select contact_id as "contactId" from conversations where tenant_id = ${tenantId} and id = ${conversationId}`;
    if (!row) found.push(wrong('conversationId', 'unknown_conversation'));
    else if (contact !== null && contact !== row.contactId) found.push(wrong('conversationId', 'other_contact'));
    contact ??= row?.contactId ?? null;
  }
  if (contact !== null) {
    const [row] = await tx`
      select 1 from contacts where tenant_id = ${tenantId} and id = ${contact} and group_address is null
        and (deleted_at is null or ${!contactId}) for share`;
    if (!row && contactId) found.push(wrong('contactId', 'unknown_contact'));
    // The chat of a group has no person.
    if (!row) contact = null;
  }
  if (found.length > 0) throw new ValidationFailed(found);
  return contact;
}

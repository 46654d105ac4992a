import { type identityApi, type RouteInput, type RouteOutput, uuidv7 } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { newOpaqueToken, readOpaqueToken } from '../tokens/opaque-token.ts';

const DAY_MS = 86_400_000;

/**
 * Makes a code that lets one e-mail register once. Only the operator sees it; the table keeps its
 * hash.
 */
export async function createInvitation(
  deps: Pick<Deps, 'db'>,
  { email, days }: RouteInput<typeof identityApi.createInvitation>['body'],
): Promise<RouteOutput<typeof identityApi.createInvitation>> {
  // The code names the tenant that it will make, so it is looked up within that tenant.
  const tenantId = uuidv7();
  const invitation = newOpaqueToken(tenantId);
  const { hash } = readOpaqueToken(invitation)!;
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  await withTenant(
    deps.db,
    tenantId,
    (tx) => tx`
      insert into invitations (tenant_id, code_hash, email, expires_at)
      values (${tenantId}, ${hash}, ${email}, ${expiresAt})`,
  );
  return { invitation, email, expiresAt: expiresAt.toISOString() };
}

export interface Invitation {
  tenantId: string;
  hash: Buffer;
}

/** Reads the code that an `invite` installation needs. @throws ValidationFailed on `invitation` */
export function readInvitation(code: string | undefined): Invitation {
  if (code === undefined) throw new ValidationFailed([{ field: 'invitation', message: 'Required', code: 'required' }]);
  const read = readOpaqueToken(code);
  if (!read) throw wrongInvitation();
  return read;
}

/**
 * Uses an invitation up, in the transaction of the registration: a registration that fails leaves
 * it unused.
 * @throws ValidationFailed on `invitation` when it is unknown, used, expired or for another e-mail
 */
export async function useInvitation(tx: Tx, { tenantId, hash }: Invitation, email: string): Promise<void> {
  const used = await tx`
    update invitations set used_at = now()
    where tenant_id = ${tenantId} and code_hash = ${hash} and email = ${email}
      and used_at is null and expires_at > now()
    returning 1`;
  if (used.length === 0) throw wrongInvitation();
}

const wrongInvitation = () =>
  new ValidationFailed([
    { field: 'invitation', message: 'Not a valid invitation for this e-mail', code: 'invitation' },
  ]);

import { timingSafeEqual } from 'node:crypto';
import { type AuditOrigin, buildAudit, type identityApi, identityAudit, type RouteInput } from '@recado/contracts';
import { isUniqueViolation, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, TooManyRequests, Unauthorized, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { originOfUser } from '../logins/audit.ts';
import { tenantUpdatedEvent } from '../tenants/events.ts';
import { findLockedTenant } from '../tenants/store.ts';
import { readOpaqueToken } from '../tokens/opaque-token.ts';
import { getUserEmail } from '../users/store.ts';
import { isCode } from './code.ts';
import { countWrongCode, type EmailProof, endClaims, lockProof, MAX_WRONG_CODES, markProved } from './store.ts';

type Input = RouteInput<typeof identityApi.proveEmail>['body'];
/** What commits: a proof, a repeat of it, or a wrong code that counts. */
type Outcome = { step: 'proved'; email: string } | { step: 'repeated' } | { step: 'wrong' };

const RETRY_SECONDS = 3600;

/**
 * Proves a registration's e-mail by the mail's link or code. The first company to prove an address
 * gets it; the others end.
 * @throws ValidationFailed on `token` or `code`; Unauthorized for a code without a user
 * @throws TooManyRequests after wrong codes; Conflict `user` when another user has the address
 */
export async function proveEmail(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<void> {
  const { tenantId, matches, field } = readInput(deps, caller, input);
  let outcome: Outcome;
  try {
    outcome = await withTenant(deps.db, tenantId, (tx) => prove(tx, tenantId, matches, origin));
  } catch (error) {
    if (isUniqueViolation(error, 'users_email_key')) throw new Conflict('This e-mail is already in use', 'user');
    throw error;
  }
  if (outcome.step === 'wrong') throw wrong(field);
  if (outcome.step === 'repeated') return;
  const { email } = outcome;
  deps.background.run('the end of other claims of a proved e-mail', () => endClaims(deps.workerDb, email));
}

interface Given {
  tenantId: string;
  field: 'token' | 'code';
  matches(proof: EmailProof): { right: boolean; counts: boolean };
}

function readInput({ sealer }: Pick<Deps, 'sealer'>, caller: Caller, { token, code }: Input): Given {
  if (token !== undefined) {
    const read = readOpaqueToken(token);
    if (!read) throw wrong('token');
    const matches = ({ tokenHash }: EmailProof) => ({ right: timingSafeEqual(tokenHash, read.hash), counts: false });
    return { tenantId: read.tenantId, field: 'token', matches };
  }
  if (code === undefined) throw new ValidationFailed([{ field: 'code', message: 'Required', code: 'required' }]);
  if (!caller.userId) throw new Unauthorized('A code takes a person who is logged in');
  const { tenantId } = caller;
  const matches = ({ sealedToken }: EmailProof) => ({
    right: sealedToken !== null && isCode(sealer.open(sealedToken, tenantId), code),
    counts: true,
  });
  return { tenantId, field: 'code', matches };
}

async function prove(tx: Tx, tenantId: string, matches: Given['matches'], origin: AuditOrigin): Promise<Outcome> {
  // The tenant first, as everywhere; one that is not there is a wrong token's.
  const tenant = await findLockedTenant(tx, tenantId);
  const proof = tenant && (await lockProof(tx, tenantId));
  if (!proof) return { step: 'wrong' };
  if (proof.wrongCodes >= MAX_WRONG_CODES) throw new TooManyRequests(RETRY_SECONDS, 'Too many wrong codes');
  const { right, counts } = matches(proof);
  if (!tenant.unprovedUntil) return { step: right || counts ? 'repeated' : 'wrong' };
  if (!right || tenant.unprovedUntil <= new Date()) {
    if (counts) await countWrongCode(tx, tenantId);
    return { step: 'wrong' };
  }
  await markProved(tx, tenantId, proof.userId);
  const what = { action: 'tenant.prove', entityType: 'tenant', entityId: tenantId };
  await enqueue(tx, [
    tenantUpdatedEvent({ ...tenant, unprovedUntil: null }, origin.traceparent),
    buildAudit(identityAudit, originOfUser(origin, tenantId, proof.userId), what),
  ]);
  return { step: 'proved', email: await getUserEmail(tx, tenantId, proof.userId) };
}

const wrong = (field: Given['field']) =>
  new ValidationFailed([{ field, message: 'Wrong or expired', code: 'email_proof' }]);

import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type identityApi,
  identityAudit,
  type PlanName,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, Forbidden, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { originOfGuest, originOfUser } from '../logins/audit.ts';
import { mayMail } from '../mails/store.ts';
import { refuseCommonPassword } from '../passwords/common.ts';
import { beginProof, mailLanguage } from '../proofs/begin.ts';
import { type Opened, openFor } from '../sessions/open.ts';
import { tenantCreatedEvent } from '../tenants/events.ts';
import { insertTenant, type TenantRow } from '../tenants/store.ts';
import { userCreatedEvent } from '../users/events.ts';
import { insertUser } from '../users/store.ts';
import { type Invitation, readInvitation, useInvitation } from './invitations.ts';
import { slugOf, slugSuffix } from './slug.ts';

type Input = RouteInput<typeof identityApi.register>['body'];

/**
 * Makes a tenant, its admin and a session, all or nothing. Where e-mails are proved, the address
 * stays free, and the answer hides whether it is taken.
 * @throws ValidationFailed for a common password, or on `name` or `invitation`
 * @throws Conflict `tenant` or `user` for a taken slug or e-mail; Forbidden `registration_closed`
 */
export async function register(deps: Deps, input: Input, origin: AuditOrigin): Promise<Opened> {
  const invitation = admitRegistration(deps, input);
  refuseCommonPassword(input.password);
  const names = namesOf(input);
  const { traceparent } = origin;
  const guest = originOfGuest(origin, input);
  const passwordHash = await deps.passwords.hash(input.password);
  const tenantId = invitation?.tenantId ?? uuidv7();
  // The operator's invitation proves the address too.
  const unproved = invitation === null && deps.config.RECADO_EMAIL_PROOF === 'required';
  const mayBeMailed = unproved && (await mayMail(deps.workerDb, input.email));
  const opened = await withTenant(deps.db, tenantId, async (tx): Promise<Opened> => {
    if (invitation) await useInvitation(tx, invitation, input.email);
    const tenant = await insertWithSlug(tx, tenantId, input, {
      plan: input.plan ?? deps.config.RECADO_DEFAULT_PLAN,
      unprovedDays: unproved ? deps.config.RECADO_UNPROVED_DAYS : null,
    });
    const user = await insertUser(tx, tenantId, {
      id: uuidv7(),
      email: input.email,
      claims: unproved,
      passwordHash,
      ...names,
      role: 'admin',
      status: 'active',
      phone: null,
      maxConcurrentChats: 5,
      autoAssign: true,
    });
    if (!user) throw new Conflict('This e-mail is already in use', 'user');
    const mail = mayBeMailed ? { email: input.email, language: mailLanguage(tenant) } : null;
    if (unproved) await beginProof(deps, tx, tenantId, user.id, mail);
    const { edition, device, sharedAddress } = input;
    const client = {
      edition,
      device,
      sharedAddress,
      ip: guest.ip ?? undefined,
      userAgent: guest.userAgent ?? undefined,
    };
    const opened = await openFor(tx, deps.config.RECADO_ENV, tenantId, user.id, client);
    await enqueue(tx, [
      tenantCreatedEvent(tenant, traceparent),
      userCreatedEvent(user, traceparent),
      buildAudit(identityAudit, originOfUser(guest, tenantId, user.id), {
        action: 'tenant.create',
        entityType: 'tenant',
        entityId: tenantId,
        changes: changesBetween(null, { name: tenant.name, slug: tenant.slug, plan: tenant.plan }),
      }),
    ]);
    // Both were inserted above.
    return opened!;
  });
  deps.mails.wake();
  return opened;
}

/**
 * The invitation to use up; null where anyone may register. @throws Forbidden
 * `registration_closed`, ValidationFailed
 */
function admitRegistration({ config }: Pick<Deps, 'config'>, { invitation }: Input): Invitation | null {
  switch (config.RECADO_REGISTRATION) {
    case 'closed':
      throw new Forbidden('Registration is closed', 'registration_closed');
    case 'invite':
      return readInvitation(invitation);
    case 'open':
      // One that is given counts, and proves the address.
      return invitation === undefined ? null : readInvitation(invitation);
  }
}

/** A new tenant speaks the language of the edition it registers in: inbox is in Portuguese. */
const languageOf = ({ edition }: Input): 'es' | 'pt' => (edition === 'inbox' ? 'pt' : 'es');

/**
 * A slug that was given is taken or refused; one made from the name gets a suffix when it is taken.
 */
async function insertWithSlug(
  tx: Tx,
  tenantId: string,
  input: Input,
  given: { plan: PlanName; unprovedDays: number | null },
): Promise<TenantRow> {
  const { tenantName: name, tenantSlug, tenantEmail: email = null } = input;
  const base = tenantSlug ?? slugOf(name);
  for (let attempt = 0; attempt < (tenantSlug ? 1 : 5); attempt++) {
    const slug = attempt === 0 ? base : `${base}-${slugSuffix()}`;
    const row = await insertTenant(tx, tenantId, { ...given, slug, name, email, language: languageOf(input) });
    if (row) return row;
  }
  throw new Conflict('This slug is already in use', 'tenant');
}

/**
 * First and last name as given, or the full name parted at its first run of spaces: `Ana María
 * Ruiz` → `Ana`, `María Ruiz`.
 * @throws ValidationFailed
 */
function namesOf({ name, firstName, lastName }: Input): { firstName: string; lastName: string } {
  if (firstName !== undefined) return { firstName, lastName: lastName ?? '' };
  if (name === undefined) throw new ValidationFailed([{ field: 'name', message: 'Required', code: 'required' }]);
  const [first = name, ...rest] = name.split(/\s+/);
  return { firstName: first, lastName: lastName ?? rest.join(' ') };
}

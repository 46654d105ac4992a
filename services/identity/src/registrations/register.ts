import {
  buildEvent,
  type identityApi,
  type PlanName,
  type RouteInput,
  type Session,
  tenantCreated,
  uuidv7,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { refuseCommonPassword } from '../passwords/common.ts';
import { openSession, sessionAnswer } from '../sessions/open.ts';
import { insertTenant, type TenantRow } from '../tenants/store.ts';
import { userCreatedEvent } from '../users/create.ts';
import { insertUser } from '../users/store.ts';
import { slugOf, slugSuffix } from './slug.ts';

type Input = RouteInput<typeof identityApi.register>['body'];

/**
 * Makes a tenant, its first user (an admin) and that user's session, all or nothing.
 * @throws ValidationFailed for a common password, Conflict `tenant` when the slug given is taken, Conflict `user`
 * when the e-mail is
 */
export async function register(deps: Deps, input: Input, traceparent?: string): Promise<Session> {
  refuseCommonPassword(input.password);
  const passwordHash = await deps.passwords.hash(input.password);
  const tenantId = uuidv7();
  const opened = await withTenant(deps.db, tenantId, async (tx) => {
    const tenant = await insertWithSlug(tx, tenantId, input, deps.config.RECADO_DEFAULT_PLAN);
    const [firstName, lastName] = splitName(input.name ?? `${input.firstName ?? ''} ${input.lastName ?? ''}`);
    const user = await insertUser(tx, tenantId, {
      id: uuidv7(),
      email: input.email,
      passwordHash,
      firstName,
      lastName,
      role: 'admin',
      status: 'active',
      phone: null,
      maxConcurrentChats: 5,
      autoAssign: true,
    });
    if (!user) throw new Conflict('This e-mail is already in use', 'user');
    const session = await openSession(tx, deps.config.RECADO_ENV, tenantId, user.id, input);
    await enqueue(tx, [tenantCreatedEvent(tenant, traceparent), userCreatedEvent(user, traceparent)]);
    return { tenant, user: { ...user, lastLoginAt: session.at }, session };
  });
  deps.kickRelay();
  return sessionAnswer(deps, opened);
}

/** A slug that was given is taken or refused; one made from the name gets a suffix when it is taken. */
async function insertWithSlug(tx: Tx, tenantId: string, input: Input, plan: PlanName): Promise<TenantRow> {
  const { tenantName: name, tenantSlug } = input;
  const base = tenantSlug ?? slugOf(name);
  for (let attempt = 0; attempt < (tenantSlug ? 1 : 5); attempt++) {
    const slug = attempt === 0 ? base : `${base}-${slugSuffix()}`;
    const row = await insertTenant(tx, tenantId, { slug, name, plan });
    if (row) return row;
  }
  throw new Conflict('This slug is already in use', 'tenant');
}

/** At the first run of spaces: `Ana María Ruiz` → `Ana`, `María Ruiz`. */
function splitName(name: string): [string, string] {
  const [first = name, ...rest] = name.split(/\s+/);
  return [first, rest.join(' ')];
}

function tenantCreatedEvent(row: TenantRow, traceparent?: string) {
  const { tenantId, slug, name, plan, status, timezone, language } = row;
  const data = { tenantId, slug, name, plan, status, timezone, language };
  return buildEvent(tenantCreated, { tenantId, subject: tenantId, traceparent, data });
}

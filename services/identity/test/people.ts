import { type AuditEntry, identityApi, type Session, uuidv7 } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import postgres from 'postgres';
import { call, callerOf, type Running, registration } from './support.ts';

const PASSWORD = 'correct horse battery';

/**
 * What tests of people do again and again: companies, colleagues who log in, and what was written
 * down of it.
 */
export function peopleOf(running: Running) {
  const sql = postgres(running.database.adminUrl, { max: 2, onnotice: () => undefined });

  async function register(given: object = {}): Promise<Session> {
    const answer = await call(running, identityApi.register, { body: registration(given) });
    if (answer.status !== 201) throw new Error(`Registration failed: ${answer.text}`);
    return answer.body;
  }

  const create = (by: Session | Partial<Caller>, given: object = {}) =>
    call(running, identityApi.createUser, {
      body: { email: `u${uuidv7()}@tienda.example`, password: PASSWORD, firstName: 'Luz', ...given },
      caller: asCaller(by),
    });

  const login = (email: string, password = PASSWORD) =>
    call(running, identityApi.login, { body: { edition: 'saas', email, password } });

  /** A colleague, logged in. */
  async function join(by: Session, given: object = {}): Promise<Session> {
    const made = await create(by, given);
    if (made.status !== 201) throw new Error(`The user was not made: ${made.text}`);
    const session = await login(made.body.email);
    if (session.status !== 200) throw new Error(`The user cannot log in: ${session.text}`);
    return session.body;
  }

  const update = (by: Session | Partial<Caller>, userId: string, body: object) =>
    call(running, identityApi.updateUser, { params: { userId }, body, caller: asCaller(by) });
  const remove = (by: Session | Partial<Caller>, userId: string) =>
    call(running, identityApi.deleteUser, { params: { userId }, caller: asCaller(by) });
  const get = (by: Session | Partial<Caller>, userId: string) =>
    call(running, identityApi.getUser, { params: { userId }, caller: asCaller(by) });
  const list = (by: Session | Partial<Caller>, query: Record<string, string> = {}) =>
    call(running, identityApi.listUsers, { query, caller: asCaller(by) });
  const me = (by: Session) => call(running, identityApi.getMe, { caller: callerOf(by) });

  const createRole = (by: Session | Partial<Caller>, given: object = {}) =>
    call(running, identityApi.createRole, {
      body: { name: `r${uuidv7()}`, displayName: 'Ventas', permissions: ['chats.read'], ...given },
      caller: asCaller(by),
    });

  /** Envelopes of a tenant's events, oldest first, whose subject ends so. */
  async function events<T>(tenantId: string, subject: string): Promise<{ subject?: string; data: T }[]> {
    const rows = await sql<{ envelope: string }[]>`
      select envelope from identity.outbox
      where tenant_id = ${tenantId} and subject like ${`%.${subject}`} order by created_at, id`;
    return rows.flatMap((row) => JSON.parse(row.envelope));
  }

  /** Audit entries of an action. */
  async function audits(tenantId: string, action: string): Promise<AuditEntry[]> {
    const all = await events<AuditEntry>(tenantId, 'audit.recorded');
    return all.map(({ data }) => data).filter((entry) => entry.action === action);
  }

  return { sql, register, create, login, join, update, remove, get, list, me, createRole, events, audits };
}
export type People = ReturnType<typeof peopleOf>;

const asCaller = (by: Session | Partial<Caller>): Partial<Caller> => ('accessToken' in by ? callerOf(by) : by);

/** A machine of the tenant, with an API key. */
export const keyOf = (session: Session, permissions: string[]): Partial<Caller> => ({
  tenantId: session.tenant.id,
  userId: null,
  role: 'key',
  permissions,
  edition: null,
  service: 'gateway',
  apiKeyId: uuidv7(),
});

/** A service on its own account, as the operator's command is. */
export const operator: Partial<Caller> = {
  tenantId: '00000000-0000-0000-0000-000000000000',
  userId: null,
  role: 'service',
  permissions: [],
  edition: null,
  service: 'operator',
};

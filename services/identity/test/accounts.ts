import { type AuditEntry, identityApi, type Session } from '@recado/contracts';
import { generateSync } from 'otplib';
import type postgres from 'postgres';
import { call, callerOf, type Running, registration } from './support.ts';

export const PASSWORD = 'correct horse battery';

/** A tenant of its own, its admin logged in. */
export async function register(running: Running, given: object = {}): Promise<Session> {
  const { status, body, text } = await call(running, identityApi.register, { body: registration(given) });
  if (status !== 201) throw new Error(`registration answered ${status}: ${text}`);
  return body;
}

export const login = (running: Running, email: string, given: object = {}) =>
  call(running, identityApi.login, { body: { edition: 'saas', email, password: PASSWORD, ...given } });

export const completeLogin = (running: Running, challengeToken: string, code: string, given: object = {}) =>
  call(running, identityApi.completeLogin, { body: { edition: 'saas', challengeToken, code, ...given } });

export const me = (running: Running, session: Session) =>
  call(running, identityApi.getMe, { caller: callerOf(session) });

/** The authenticator's code, `steps` half minutes from now. */
export const codeOf = (secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

/** Never a right one: the code of another step, far away. */
export const wrongCode = (secret: string): string => codeOf(secret, 1000);

/** Begins and verifies the second factor. */
export async function enableTwoFactor(running: Running, session: Session) {
  const caller = callerOf(session);
  const { body } = await call(running, identityApi.enableTwoFactor, { caller });
  const { secret, backupCodes } = body as { secret: string; backupCodes: string[] };
  const verified = await call(running, identityApi.verifyTwoFactor, { caller, body: { code: codeOf(secret) } });
  if (verified.status !== 204) throw new Error(`two-factor verification answered ${verified.text}`);
  return { secret, backupCodes };
}

/** The events for a tenant's audit log, oldest first. */
export async function auditOf(sql: postgres.Sql, tenantId: string, action?: string): Promise<AuditEntry[]> {
  const rows = await sql<{ envelope: string }[]>`
    select envelope from identity.outbox
    where tenant_id = ${tenantId} and subject like '%.audit.recorded' order by created_at, id`;
  const entries = rows.flatMap(({ envelope }) => JSON.parse(envelope)).map(({ data }) => data as AuditEntry);
  return action ? entries.filter((entry) => entry.action === action) : entries;
}

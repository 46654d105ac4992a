import { apiKeyRoutes, type PlanName, tenantRoutes, type User, userRoutes } from '@recado/contracts';
import { createClient } from '../calls/client.ts';
import { NotFound } from '../http/errors.ts';
import { serviceCaller } from './caller.ts';
import type { InternalTokens } from './internal-tokens.ts';

/** Each answer is dated as old as it can be: every event that is still on its way wins over it. */
export interface IdentitySource {
  /** @throws NotFound of an unknown tenant, Unavailable when identity can't be asked */
  askTenant(tenantId: string): Promise<{ plan: PlanName; timezone: string; country: string | null; changedAt: string }>;
  /** @throws NotFound of an unknown or removed user, Unavailable when identity can't be asked */
  askUser(tenantId: string, userId: string): Promise<Pick<User, 'role' | 'status'> & { changedAt: string }>;
  /** What decides on the chats that a user gets. @throws as askUser */
  askAgent(tenantId: string, userId: string): Promise<AgentFacts>;
  /** What a user may do at this moment. @throws as askUser */
  askPermissions(tenantId: string, userId: string): Promise<readonly string[]>;
  /**
   * What an API key may do at this moment.
   * @throws NotFound `api_key` of one that is unknown, revoked or expired; Unavailable
   */
  askKeyPermissions(tenantId: string, apiKeyId: string): Promise<readonly string[]>;
  /** What people call a user. @throws as askUser */
  askUserName(tenantId: string, userId: string): Promise<Pick<User, 'firstName' | 'lastName'>>;
  /** @throws as askTenant */
  askTenantName(tenantId: string): Promise<string>;
  close(): Promise<void>;
}
export type AgentFacts = Pick<User, 'status' | 'agentStatus' | 'agentStatusAt' | 'createdAt'> &
  Pick<User, 'maxConcurrentChats' | 'autoAssign'>;

/** Asks identity for tenants and users without an event yet, for database's directories. */
export function createIdentitySource(options: { baseUrl: string; tokens: InternalTokens }): IdentitySource {
  const routes = {
    getTenant: tenantRoutes.getTenant,
    getUser: userRoutes.getUser,
    getApiKey: apiKeyRoutes.getApiKey,
  };
  const limits = { connections: 2, timeoutMs: 3000 };
  const identity = createClient(routes, { ...options, ...limits, name: 'identity' });
  const by = (tenantId: string) => ({ caller: serviceCaller(options.tokens.service, tenantId) });
  return {
    async askTenant(tenantId) {
      const { plan, timezone, country, createdAt } = await identity.getTenant({}, by(tenantId));
      return { plan, timezone, country: country ?? null, changedAt: createdAt };
    },
    async askUser(tenantId, userId) {
      const { role, status, createdAt } = await identity.getUser({ params: { userId } }, by(tenantId));
      return { role, status, changedAt: createdAt };
    },
    askAgent: (tenantId, userId) => identity.getUser({ params: { userId } }, by(tenantId)),
    askPermissions: async (tenantId, userId) =>
      (await identity.getUser({ params: { userId } }, by(tenantId))).permissions,
    async askKeyPermissions(tenantId, apiKeyId) {
      const { permissions, revokedAt, expiresAt } = await identity.getApiKey({ params: { apiKeyId } }, by(tenantId));
      const isOver = revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= Date.now());
      if (isOver) throw new NotFound('api_key', apiKeyId);
      return permissions;
    },
    async askUserName(tenantId, userId) {
      const { firstName, lastName } = await identity.getUser({ params: { userId } }, by(tenantId));
      return { firstName, lastName };
    },
    askTenantName: async (tenantId) => (await identity.getTenant({}, by(tenantId))).name,
    close: () => identity.close(),
  };
}

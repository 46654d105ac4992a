import type { User } from '@recado/contracts';
import { createCache, type IdentitySource } from '@recado/service-kit';

type UserName = Pick<User, 'firstName' | 'lastName'>;

/** Names of people and companies, which only identity keeps. */
export interface Names {
  /** @throws NotFound of an unknown user; Unavailable when identity is away */
  user(tenantId: string, userId: string): Promise<UserName>;
  /** @throws Unavailable when identity is away */
  company(tenantId: string): Promise<string>;
}

/** A changed name shows within a minute. */
const KEPT = { max: 10_000, ttl: 60_000 };

export function createNames(identity: Pick<IdentitySource, 'askUserName' | 'askTenantName'>): Names {
  const users = createCache<string, UserName>(KEPT);
  const companies = createCache<string, string>(KEPT);
  return {
    async user(tenantId, userId) {
      const key = `${tenantId} ${userId}`;
      const known = users.get(key);
      if (known) return known;
      const asked = await identity.askUserName(tenantId, userId);
      users.set(key, asked);
      return asked;
    },
    async company(tenantId) {
      const known = companies.get(tenantId);
      if (known !== undefined) return known;
      const asked = await identity.askTenantName(tenantId);
      companies.set(tenantId, asked);
      return asked;
    },
  };
}

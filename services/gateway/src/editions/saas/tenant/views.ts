import type { Tenant, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { fullName } from '../auth/views.ts';
import type * as schemas from './schemas.ts';

export const tenantView = ({
  id,
  name,
  plan,
  status,
  timezone,
  country,
  language,
  settings,
  limits,
}: Tenant): View<typeof schemas.tenant> => ({
  id,
  name,
  plan,
  status,
  // The effective time zone, country and language, beside the tenant's own settings.
  settings: { ...settings, timezone, country, language },
  limits: {
    maxUsers: limits.maxUsers,
    maxInstances: limits.maxChannels,
    maxMessages: limits.maxMessages,
    maxConversations: limits.maxConversations,
  },
});

/** `limit` null: unlimited, and nothing of it is used up. */
const usedOf = (current: number, limit: number | null) => ({
  current,
  limit,
  percentage: limit === null ? 0 : limit === 0 ? 100 : Math.round((current / limit) * 100),
});

export const usageView = (
  { id, name, plan, limits }: Tenant,
  counts: Record<'users' | 'instances' | 'messages' | 'conversations', number> & { isCapped?: true | undefined },
  period: { start: string; end: string },
): View<typeof schemas.usage> => ({
  tenant: { id, name, plan },
  usage: {
    users: usedOf(counts.users, limits.maxUsers),
    instances: usedOf(counts.instances, limits.maxChannels),
    messages: usedOf(counts.messages, limits.maxMessages),
    conversations: {
      ...usedOf(counts.conversations, limits.maxConversations),
      ...(counts.isCapped && { isCapped: counts.isCapped }),
    },
  },
  period,
});

export const tenantUserView = (user: User): View<typeof schemas.tenantUser> => ({
  id: user.id,
  email: user.email,
  name: fullName(user),
  role: user.role,
  isActive: user.status === 'active',
  lastLoginAt: user.lastLoginAt,
});

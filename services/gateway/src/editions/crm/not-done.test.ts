import type { Channel, Conversation, User } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { chatDetailView, chatView } from './chats/views.ts';
import { NOT_DONE } from './not-done.ts';
import { numberView } from './numbers/views.ts';
import { userDetailView } from './users/views.ts';

const AT = '2026-01-15T10:00:00.000Z';
const id = '018f541a-e00a-4dca-88f5-661340393228';
const contact = {
  id,
  name: 'Ana',
  phone: '+573001234567',
  email: 'a@b.co',
  avatarUrl: 'https://a.b/c.png',
  createdAt: AT,
};

const conversation: Conversation = {
  id,
  channelId: id,
  contact,
  status: 'active',
  archived: false,
  snoozedUntil: AT,
  metrics: { inboundCount: 1, reopenCount: 1, answerCount: 1, answerSeconds: 1 },
  priority: 'normal',
  assignedUserId: id,
  campaignId: id,
  unreadCount: 1,
  messageCount: 1,
  lastMessage: { id, content: 'Hola', direction: 'inbound', type: 'text', time: AT },
  lastMessageAt: AT,
  lastInboundAt: AT,
  assignedAt: AT,
  firstResponseAt: AT,
  closedAt: AT,
  tags: [{ id, name: 'VIP', color: '#1565C0' }],
  createdAt: AT,
  updatedAt: AT,
};

const profile = {
  ...contact,
  username: 'ana.p',
  company: 'Acme',
  city: 'Lima',
  country: 'Perú',
  address: 'Calle 1',
  leadStatus: 'contacted' as const,
  leadScore: 75,
  ltv: 10.5,
  totalPurchases: 3,
  lastPurchaseAt: AT,
  segment: 'vip',
  notes: 'Paga a tiempo',
  customFields: { cargo: 'Gerente' },
  tags: ['VIP'],
};

const user = {
  id,
  email: 'a@b.co',
  firstName: 'Juan',
  lastName: 'P',
  phone: '+573001234567',
  avatarUrl: 'https://a.b/c.png',
  role: 'agent',
  customRole: null,
  status: 'active',
  agentStatus: 'available',
  agentStatusReason: 'x',
  permissions: ['chats.read'],
  maxConcurrentChats: 5,
  autoAssign: true,
  twoFactor: false,
  lastLoginAt: AT,
  createdAt: AT,
  updatedAt: AT,
} as unknown as User;

const channel = {
  id,
  name: 'Ventas',
  phone: '+573001111111',
  provider: 'meta',
  status: 'connected',
  lastConnectedAt: AT,
  dailyMessageLimit: 1000,
  settings: {},
  sentTotal: 1,
  receivedTotal: 1,
  health: { ok: true, responseMs: 120, checkedAt: AT },
  facts: {
    quality: 'GREEN',
    messagingLimit: 'TIER_1K',
    throughput: 'STANDARD',
    verifiedName: 'Ventas',
    codeVerification: 'VERIFIED',
    standing: {
      canSend: 'LIMITED',
      problems: [
        { entity: 'WABA', canSend: 'BLOCKED', code: '141006', text: 'No payment method', solution: 'Add one' },
      ],
    },
  },
  templatesError: 'The token may not read them',
  createdAt: AT,
} as unknown as Channel;

const names = {
  users: new Map([[id, user]]),
  channels: new Map([[id, channel]]),
  campaigns: new Map([[id, { id, name: 'Ventas' }]]),
};

const SHOWN: Record<string, object> = {
  chat: chatView(conversation, names),
  chatDetail: chatDetailView({ ...conversation, contact: profile }, names, [
    { id, conversationId: id, userId: id, content: 'Pide descuento', mentions: [], createdAt: AT },
  ]),
  number: numberView(channel, [{ id, name: 'Ventas' }]),
  userDetail: userDetailView(user, [{ id, name: 'Ventas', priority: 5 }]),
};

/** Paths of what is empty: null, or a list or object with nothing in it. */
function empties(value: unknown, path = ''): string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  if (entries.length === 0) return [`${path} as data`];
  return Array.isArray(value) ? [] : entries.flatMap(([key, inner]) => empties(inner, path ? `${path}.${key}` : key));
}

describe('the fields of crm without data', () => {
  it.each(Object.entries(SHOWN))(
    'in %s is null and stands in the list of what is not done, and nothing else does',
    (name, shown) => {
      const notDone: Partial<Record<string, readonly string[]>> = NOT_DONE;
      expect(empties(shown).sort()).toEqual([...(notDone[name] ?? [])].sort());
    },
  );
});

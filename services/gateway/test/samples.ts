import {
  type AiConfig,
  type Channel,
  type Conversation,
  type Message,
  permissionsOf,
  type Tenant,
  type User,
  uuidv7,
} from '@recado/contracts';

export const NOW = '2026-01-15T10:00:00.000Z';

export const tenant: Tenant = {
  id: uuidv7(),
  slug: 'hotel-abc',
  name: 'Hotel ABC',
  plan: 'pro',
  status: 'active',
  timezone: 'America/Lima',
  country: 'PE',
  language: 'es',
  settings: { timezone: 'America/Lima' },
  limits: { maxUsers: 20, maxChannels: 5, maxMessages: 20_000, maxConversations: 1000 },
  unprovedUntil: null,
  createdAt: NOW,
};

export const user: User = {
  id: uuidv7(),
  email: 'admin@hotel.com',
  firstName: 'Juan',
  lastName: 'Pérez',
  role: 'admin',
  customRole: null,
  status: 'active',
  phone: null,
  avatarUrl: null,
  agentStatus: 'available',
  agentStatusReason: null,
  agentStatusAt: null,
  twoFactor: false,
  maxConcurrentChats: 5,
  autoAssign: true,
  permissions: permissionsOf('admin'),
  lastLoginAt: NOW,
  createdAt: NOW,
  updatedAt: NOW,
};

export const channel: Channel = {
  id: uuidv7(),
  name: 'Ventas',
  provider: 'meta',
  phone: '+51999123456',
  status: 'connected',
  key: 'd30cdb80_9463468d',
  settings: {},
  dailyMessageLimit: 1000,
  ratePerMinute: 60,
  providerId: '102938475647382',
  lastConnectedAt: NOW,
  lastError: null,
  sentTotal: 523,
  receivedTotal: 789,
  createdAt: NOW,
  updatedAt: NOW,
  health: { ok: true, responseMs: 150, checkedAt: NOW },
  facts: {
    ...{ quality: 'GREEN', messagingLimit: 'TIER_1K', throughput: 'STANDARD', verifiedName: 'Ventas' },
    codeVerification: 'VERIFIED',
    standing: {
      canSend: 'LIMITED',
      problems: [{ entity: 'WABA', canSend: 'LIMITED', code: null, text: 'Not verified', solution: 'Verify it' }],
    },
  },
  templatesError: 'The token may not read them',
  webhookUrl: 'https://tu-webhook.com/whatsapp',
  removedAt: null,
};

export const message: Message = {
  id: uuidv7(),
  conversationId: uuidv7(),
  channelId: channel.id,
  direction: 'outbound',
  type: 'text',
  content: 'Hola',
  metadata: null,
  status: 'pending',
  providerMessageId: null,
  author: 'ai',
  userId: user.id,
  aiModel: 'gpt-3.5-turbo',
  error: null,
  sentTime: NOW,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  createdAt: NOW,
};

export const inbound: Message = { ...message, author: 'contact', userId: null, direction: 'inbound' };

export const conversation: Conversation = {
  id: message.conversationId,
  channelId: channel.id,
  contact: {
    id: uuidv7(),
    name: 'Carlos Rodríguez',
    phone: '+51999888777',
    email: null,
    avatarUrl: null,
    createdAt: NOW,
  },
  status: 'assigned',
  archived: false,
  priority: 'normal',
  assignedUserId: user.id,
  campaignId: null,
  unreadCount: 2,
  messageCount: 15,
  lastMessage: { id: message.id, content: 'Hola', direction: 'inbound', type: 'text', time: NOW },
  lastMessageAt: NOW,
  lastInboundAt: NOW,
  assignedAt: '2026-01-15T10:00:45.000Z',
  firstResponseAt: '2026-01-15T10:01:00.000Z',
  closedAt: null,
  createdAt: NOW,
  updatedAt: NOW,
};

export const aiConfig: AiConfig = {
  id: uuidv7(),
  enabled: true,
  model: 'gpt-3.5-turbo',
  personality: 'friendly',
  responseMode: 'always',
  systemPrompt: 'Eres',
  welcomeMessage: '¡Hola!',
  businessHours: { monday: { start: '09:00', end: '18:00' }, timezone: 'America/Lima' },
  keywords: ['ayuda'],
  settings: { temperature: 0.7, maxTokens: 150, responseDelay: 1500, contextWindow: 5, language: 'es' },
  limits: { maxTokensPerDay: 10_000, maxTokensPerMonth: 100_000 },
  usage: { tokensToday: 2340, tokensThisMonth: 45_320 },
};

/** What the fakes hold; tests address its entities by these. */
export const samples = { tenant, user, channel, message, conversation, aiConfig };

/** The documents' own examples of answers in the slice: what `misfits` holds real answers against. */
const tenantLimits = { maxUsers: 20, maxInstances: 5, maxMessages: 20000, maxConversations: 1000 };

export const saas = {
  tokens: { message: 'Login successful', data: { accessToken: 'eyJ', refreshToken: 'eyJ' } },
  me: {
    message: 'Profile retrieved successfully',
    data: {
      id: 'uuid',
      email: 'a@b.c',
      name: 'Juan',
      role: 'admin',
      tenantId: 'uuid',
      tenant: { id: 'uuid', name: 'Mi Empresa', plan: 'pro', status: 'active' },
    },
  },
  tenant: {
    message: 'Tenant retrieved successfully',
    data: { id: 'uuid', name: 'Mi', plan: 'pro', status: 'active', settings: {}, limits: tenantLimits },
  },
  tenantUpdated: {
    message: 'Tenant updated successfully',
    data: { id: 'uuid', name: 'Mi', plan: 'pro', status: 'active', settings: {}, limits: tenantLimits },
  },
  usage: {
    message: 'Usage stats retrieved successfully',
    data: {
      tenant: { id: 'uuid', name: 'Mi Empresa SAS', plan: 'pro' },
      usage: {
        users: { current: 3, limit: 20, percentage: 15 },
        instances: { current: 2, limit: 5, percentage: 40 },
        messages: { current: 5420, limit: 20000, percentage: 27 },
      },
      period: { start: '2025-05-01T00:00:00Z', end: '2025-05-31T23:59:59Z' },
    },
  },
  tenantUsers: {
    message: 'Users retrieved successfully',
    data: [
      {
        id: 'uuid',
        email: 'a@b.c',
        name: 'Juan',
        role: 'admin',
        isActive: true,
        lastLoginAt: '2025-05-26T10:30:00Z',
      },
    ],
  },
  dashboard: {
    message: 'Dashboard stats retrieved successfully',
    data: {
      overview: {
        totalUsers: 3,
        totalInstances: 2,
        connectedInstances: 1,
        totalMessages: 5420,
        activeConversations: 127,
      },
      messageChart: [{ date: '2025-05-26', count: 234, direction: 'inbound' }],
    },
  },
  rateLimits: {
    message: 'Uso actual de límites',
    data: {
      usage: { minute: 15, hour: 234, day: 3420, month: 45320 },
      limits: { minute: 60, hour: 2000, day: 20000, month: 200000 },
      percentages: { minute: 25, hour: 11.7, day: 17.1, month: 22.7 },
    },
  },
  instances: {
    message: 'Instancias obtenidas exitosamente',
    data: [
      {
        id: 'uuid',
        name: 'Ventas',
        instanceKey: 'd30',
        status: 'connected',
        phoneNumber: '51999123456',
        lastConnectionAt: '2025-05-26T10:00:00Z',
      },
    ],
    total: 1,
  },
  send: {
    message: 'Mensaje agregado a la cola de envío',
    data: {
      message: { id: 'uuid', content: 'Hola', type: 'text', direction: 'outbound', status: 'pending' },
      conversation: { id: 'uuid', contactNumber: '51999888777', contactName: 'Cliente' },
      job: { id: 'job-123', status: 'queued' },
    },
  },
  conversations: {
    message: 'Conversaciones obtenidas exitosamente',
    data: [
      {
        id: 'uuid',
        contactNumber: '51999888777',
        contactName: 'Juan',
        status: 'active',
        unreadCount: 3,
        lastMessageAt: '2025-05-26T15:30:00Z',
      },
    ],
    total: 45,
  },
  messages: {
    message: 'Mensajes obtenidos exitosamente',
    data: [
      {
        id: 'uuid',
        content: 'Hola',
        type: 'text',
        direction: 'inbound',
        status: 'delivered',
        createdAt: '2025-05-26T15:20:00Z',
      },
    ],
    total: 23,
  },
  aiConfig: {
    id: 'uuid',
    enabled: true,
    model: 'gpt-3.5-turbo',
    personality: 'friendly',
    responseMode: 'always',
    systemPrompt: 'Eres',
    welcomeMessage: '¡Hola!',
    businessHours: { monday: { start: '09:00', end: '18:00' }, timezone: 'America/Lima' },
    keywords: ['ayuda'],
    settings: { temperature: 0.7, maxTokens: 150, responseDelay: 1500, contextWindow: 5, language: 'es' },
    limits: { maxTokensPerDay: 10000, maxTokensPerMonth: 100000 },
    usage: { tokensToday: 2340, tokensThisMonth: 45320 },
  },
  aiTest: {
    response: 'Nuestros',
    metadata: { model: 'gpt-3.5-turbo', tokensUsed: 45, processingTime: 823, temperature: 0.7 },
  },
  root: {
    name: 'WhatsApp SaaS API',
    version: '1.0.0',
    description: 'x',
    documentation: '/api-docs',
    health: '/health',
    timestamp: '2025-05-26T20:00:00Z',
  },
  health: {
    statusCode: 200,
    status: 'ok',
    timestamp: '2025-05-26T20:00:00Z',
    services: { api: 'ok', database: 'ok', redis: 'ok', evolution: 'ok', openai: 'ok' },
    details: {
      database: { connected: true },
      redis: { connected: true },
      evolution: { connected: true, instances: 2 },
      openai: { configured: true },
    },
  },
};

const role = { id: 3, name: 'agent', display_name: 'Agente' };
const meta = { current_page: 1, per_page: 20, total: 45, total_pages: 3 };
const crmUser = {
  id: 1,
  email: 'a@b.c',
  first_name: 'Juan',
  last_name: 'Pérez',
  phone: '+573001234567',
  avatar_url: 'https://cdn.com/avatar.jpg',
  role,
  status: 'active',
  agent_status: 'available',
  max_concurrent_chats: 5,
  created_at: '2025-01-15T10:00:00Z',
  last_login_at: '2025-11-14T08:30:00Z',
};

export const crm = {
  login: {
    access_token: 'eyJ',
    refresh_token: 'eyJ',
    expires_in: 3600,
    user: { id: 1, email: 'a@b.c', first_name: 'Juan', last_name: 'Pérez', role, permissions: ['chats.read'] },
  },
  refreshed: { access_token: 'eyJ', refresh_token: 'eyJ', expires_in: 3600 },
  loggedOut: { message: 'Sesión cerrada exitosamente' },
  passwordChanged: { message: 'Contraseña actualizada exitosamente' },
  twoFactor: { secret: 'JBSWY3DPEHPK3PXP', qr_code: 'data:image/png;base64,iVB', backup_codes: ['123456'] },
  users: { data: [crmUser], meta },
  user: {
    ...crmUser,
    agent_status_reason: null,
    auto_assign_enabled: true,
    campaigns: [{ id: 1, name: 'Campaña Ventas', priority: 5 }],
    permissions: ['chats.read', 'chats.update', 'messages.create'],
  },
  agentStatus: {
    id: 1,
    agent_status: 'paused',
    agent_status_reason: 'Almuerzo',
    updated_at: '2025-11-14T12:00:00Z',
  },
  auditLogs: {
    data: [
      {
        id: 1234,
        user: { id: 1, first_name: 'Juan', last_name: 'Pérez' },
        action: 'chat.transfer',
        entity_type: 'Chat',
        entity_id: 123,
        changes: {},
        ip_address: '192.168.1.100',
        user_agent: 'Mozilla/5.0...',
        success: true,
        created_at: '2025-11-14T10:00:00Z',
      },
    ],
    meta: { current_page: 1, per_page: 50, total: 5234 },
  },
  userCreated: { id: 2, email: 'n@e.c', first_name: 'María', last_name: 'G', role, created_at: '2025-11-14T10:00:00Z' },
  numberCreated: {
    id: 1,
    phone_number: '+57',
    provider: 'meta',
    status: 'pending',
    webhook_url: 'https://',
    created_at: '2025-11-14T10:00:00Z',
  },
  numbers: {
    data: [
      {
        id: 1,
        phone_number: '+573001111111',
        display_name: 'Ventas',
        provider: 'meta',
        status: 'active',
        connection_status: 'connected',
        last_connected_at: '2025-11-14T08:00:00Z',
        daily_message_limit: 1000,
        total_messages_sent: 523,
        total_messages_received: 789,
        campaigns: [{ id: 1, name: 'x' }],
        created_at: '2025-01-01T00:00:00Z',
      },
    ],
  },
  chats: {
    data: [
      {
        id: 123,
        client: { id: 45, first_name: 'Carlos', last_name: 'R', phone_number: '+573001234567', avatar_url: null },
        campaign: { id: 1, name: 'Campaña' },
        whatsapp_number: { id: 1, phone_number: '+57' },
        assigned_agent: { id: 1, first_name: 'Juan', last_name: 'P' },
        status: 'active',
        priority: 'normal',
        message_count: 15,
        last_message: { id: 789, content: 'x', direction: 'inbound', created_at: '2025-11-14T09:45:00Z' },
        unread_count: 2,
        created_at: '2025-11-14T09:30:00Z',
        last_message_at: '2025-11-14T09:45:00Z',
      },
    ],
    meta,
  },
  chat: {
    id: 123,
    client: {
      id: 45,
      first_name: 'Carlos',
      last_name: 'R',
      phone_number: '+57',
      email: 'c@e.c',
      lead_status: 'contacted',
      tags: ['vip'],
      notes: 'x',
      custom_fields: {},
    },
    campaign: { id: 1, name: 'x' },
    whatsapp_number: { id: 1, phone_number: '+57' },
    assigned_agent: { id: 1, first_name: 'Juan', last_name: 'P', agent_status: 'available' },
    status: 'active',
    priority: 'normal',
    tags: ['precio'],
    notes: [{ id: 1, user: { id: 1, first_name: 'Juan' }, content: 'x', created_at: '2025-11-14T09:35:00Z' }],
    bot_context: {},
    metrics: { wait_time_seconds: 45, first_response_time_seconds: 30, handling_time_seconds: 900 },
    created_at: '2025-11-14T09:30:00Z',
    assigned_at: '2025-11-14T09:30:45Z',
    first_response_at: '2025-11-14T09:31:00Z',
    last_message_at: '2025-11-14T09:45:00Z',
  },
  messages: {
    data: [
      {
        id: 789,
        direction: 'inbound',
        message_type: 'text',
        content: 'Hola',
        status: 'delivered',
        user: null,
        is_bot_message: false,
        created_at: '2025-11-14T09:30:15Z',
        read_at: null,
      },
    ],
    meta: { current_page: 1, per_page: 50, total: 15 },
  },
  messageCreated: {
    id: 791,
    chat_id: 123,
    direction: 'outbound',
    message_type: 'text',
    content: 'Hola',
    status: 'pending',
    created_at: '2025-11-14T10:00:00Z',
  },
};

const company = { id: 'uuid', name: 'Mi Empresa', plan: 'starter' };
const botsUser = { id: 'uuid', email: 'a@b.c', firstName: 'Juan', lastName: 'Pérez', role: 'admin' };

export const bots = {
  registered: {
    success: true,
    message: 'Empresa y usuario registrados exitosamente',
    data: {
      company: {
        ...company,
        email: 'e@e.c',
        maxInstances: 1,
        maxMessages: 1000,
        createdAt: '2025-01-15T10:30:00.000Z',
      },
      user: botsUser,
      token: 'eyJ',
    },
  },
  login: {
    success: true,
    message: 'Inicio de sesión exitoso',
    data: { user: { ...botsUser, company }, token: 'eyJ' },
  },
  me: {
    success: true,
    data: {
      user: {
        ...botsUser,
        lastLogin: '2025-01-15T10:30:00.000Z',
        company: { ...company, maxInstances: 1, maxMessages: 1000 },
      },
    },
  },
  refreshed: { success: true, message: 'Token renovado exitosamente', data: { token: 'eyJ' } },
  passwordChanged: { success: true, message: 'Contraseña actualizada exitosamente' },
  loggedOut: { success: true, message: 'Sesión cerrada exitosamente' },
  health: {
    success: true,
    data: {
      status: 'OK',
      timestamp: '2025-01-15T10:30:00.000Z',
      uptime: 3600,
      version: '1.0.0',
      database: 'connected',
      services: { evolutionApi: 'connected', openai: 'connected', redis: 'connected' },
    },
  },
  systemInfo: {
    success: true,
    data: {
      version: '1.0.0',
      environment: 'production',
      node: '18.17.0',
      platform: 'linux',
      memory: { used: '150MB', total: '512MB', percentage: 29 },
      database: { status: 'connected', tables: 7, connections: 5 },
      services: {
        evolutionApi: { status: 'connected', url: 'https://' },
        openai: { status: 'connected', model: 'gpt-4' },
      },
    },
  },
};

export const scheduler = {
  group: {
    id: 'string',
    name: 'string',
    description: 'string',
    contact_count: 25,
    created_at: '2025-01-27T10:00:00Z',
    updated_at: '2025-01-27T10:00:00Z',
    created_by: 'user_id',
  },
  contact: {
    id: 'string',
    name: 'string',
    phone: '+1234567890',
    email: 'optional@email.com',
    is_active: true,
    groups: ['group_id_1', 'group_id_2'],
    created_at: '2025-01-27T10:00:00Z',
    updated_at: '2025-01-27T10:00:00Z',
  },
  notification: {
    id: 'string',
    type: 'success',
    title: 'string',
    message: 'string',
    is_read: false,
    related_entity_type: 'message',
    related_entity_id: 'string',
    created_at: '2025-01-27T10:00:00Z',
  },
};

export const inbox = {
  login: {
    user: { id: 'u', email: 'a@b.c', name: 'Admin', role: 'ADMIN', tenantId: 't' },
    token: 'eyJ',
    tenant: { id: 't', slug: 'hotel-abc', name: 'Hotel ABC' },
  },
  messageNew: {
    conversationId: 'c',
    message: {
      id: 'm',
      whatsappMessageId: 'wamid',
      direction: 'INBOUND',
      type: 'TEXT',
      content: 'Olá!',
      metadata: null,
      status: 'DELIVERED',
      timestamp: '2025-11-12T10:35:00.000Z',
      contact: { id: 'c', phoneNumber: '5511', name: 'João' },
    },
  },
  statusUpdate: { conversationId: 'c', messageId: 'm', status: 'READ' },
  conversationNew: {
    conversation: { id: 'c', contact: { id: 'c', phoneNumber: '55', name: 'J' }, status: 'OPEN', priority: 'MEDIUM' },
  },
};

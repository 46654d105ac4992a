import { isoTime } from '@recado/contracts';
import { z } from 'zod';

export const realtimeMetrics = z
  .object({
    messagessentToday: z.number().int().describe('Con la grafía de este documento; messagesSentToday dice lo mismo'),
    messagesSentToday: z.number().int(),
    messagesReceivedToday: z.number().int(),
    failedMessagesToday: z.number().int(),
    aiMessagesToday: z.number().int(),
    conversationsOpenedToday: z.number().int(),
    activeConversations: z.number().int(),
    messagesLastHour: z.number().int(),
    date: z.string().describe('El día, en la zona horaria del tenant'),
    timezone: z.string(),
    lastUpdated: isoTime(),
  })
  .meta({ id: 'RealtimeMetrics' });

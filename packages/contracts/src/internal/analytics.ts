import { z } from 'zod';
import { isoTime } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const realtime = z
  .object({
    day: z.string().describe("YYYY-MM-DD in the tenant's time zone"),
    timezone: z.string(),
    messagesSentToday: z.number().int(),
    messagesReceivedToday: z.number().int(),
    failedMessagesToday: z.number().int(),
    aiMessagesToday: z.number().int(),
    conversationsOpenedToday: z.number().int(),
    activeConversations: z.number().int(),
    messagesLastHour: z.number().int(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'RealtimeMetrics' });
export type RealtimeMetrics = z.infer<typeof realtime>;

export const analyticsApi = defineApi({
  getRealtime: route({
    method: 'GET',
    path: '/realtime',
    responses: { 200: realtime },
    summary: "The day's counts so far",
  }),
});

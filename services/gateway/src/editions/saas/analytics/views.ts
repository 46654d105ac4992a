import type { RealtimeMetrics } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const realtimeView = (metrics: RealtimeMetrics): View<typeof schemas.realtimeMetrics> => ({
  messagessentToday: metrics.messagesSentToday,
  messagesSentToday: metrics.messagesSentToday,
  messagesReceivedToday: metrics.messagesReceivedToday,
  failedMessagesToday: metrics.failedMessagesToday,
  aiMessagesToday: metrics.aiMessagesToday,
  conversationsOpenedToday: metrics.conversationsOpenedToday,
  activeConversations: metrics.activeConversations,
  messagesLastHour: metrics.messagesLastHour,
  date: metrics.day,
  timezone: metrics.timezone,
  lastUpdated: metrics.updatedAt,
});

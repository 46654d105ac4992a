import type { Dialect } from '../../realtime/types.ts';
import { notificationView } from './views.ts';

/** Of every socket, with the user's id behind it; on the edition's own host without the prefix. */
export const WEBSOCKET_PATH = '/scheduler/ws/';

const WHATSAPP_STATUS = {
  connected: 'connected',
  qr: 'qr_needed',
  connecting: 'disconnected',
  disconnected: 'disconnected',
  error: 'disconnected',
} as const;

/** Frames of scheduler.md: names are `type`s. What broadcasts tell comes with them. */
export const realtime: Dialect = {
  frames(event) {
    switch (event.name) {
      case 'channel.status-changed': {
        const { channelId, name, phone, status } = event.data;
        return [
          {
            name: 'whatsapp_status',
            payload: { status: WHATSAPP_STATUS[status], connection_id: channelId, name, phone, timestamp: event.time },
          },
        ];
      }
      case 'notification.created': {
        const { notification } = event.data;
        const view = notificationView(notification);
        return [
          {
            name: 'new_notification',
            payload: { notification: { ...view, timestamp: view.created_at } },
            to: ({ userId }) => userId === notification.userId,
          },
        ];
      }
      default:
        return [];
    }
  },

  clientEvents: { ping: (client) => client.send('pong', {}) },

  errorPayload: () => ({ message: 'El mensaje no es válido' }),
};

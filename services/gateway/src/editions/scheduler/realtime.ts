import { ValidationFailed } from '@recado/service-kit';
import { reasonOf } from '../../languages/reasons.ts';
import { NEEDS, needsPerson } from '../../realtime/needs.ts';
import { sayError } from '../../realtime/sockets/say-error.ts';
import type { Dialect } from '../../realtime/types.ts';
import { notificationView } from './notifications/views.ts';
import { INVALID_FRAME, texts } from './texts.ts';

/** Of every socket, with the user's id behind it; on the edition's own host without the prefix. */
export const WEBSOCKET_PATH = '/scheduler/ws/';

const WHATSAPP_STATUS = {
  connected: 'connected',
  qr: 'qr_needed',
  connecting: 'disconnected',
  disconnected: 'disconnected',
  error: 'disconnected',
} as const;

const say = sayError(texts);

/** Frames of scheduler.md: names are `type`s. What broadcasts tell comes with them. */
export const realtime: Dialect = {
  frames(event) {
    switch (event.name) {
      case 'channel.status-changed': {
        const { channelId, name, phone, status } = event.data;
        const reason = reasonOf(texts, event.data.reason);
        const shown = { status: WHATSAPP_STATUS[status], connection_id: channelId, name, phone, reason };
        const payload = { ...shown, timestamp: event.time };
        return [{ name: 'whatsapp_status', payload, needs: NEEDS.channel }];
      }
      case 'channel.code-changed': {
        const { channelId, name, phone, code } = event.data;
        const shown = { status: WHATSAPP_STATUS.qr, connection_id: channelId, name, phone };
        const payload = { ...shown, qr_code: code.qr, pairing_code: code.pairingCode, timestamp: event.time };
        return [{ name: 'whatsapp_status', payload, needs: NEEDS.channelCode }];
      }
      case 'notification.created': {
        const { notification } = event.data;
        const view = notificationView(notification);
        const payload = { notification: { ...view, timestamp: view.created_at } };
        return [{ name: 'new_notification', payload, needs: needsPerson(notification.userId) }];
      }
      default:
        return [];
    }
  },

  showsChannels: true,

  clientEvents: { ping: (client) => client.send('pong', {}) },

  errorPayload: (error, event) => ({
    ...say(error, event),
    ...(error instanceof ValidationFailed ? { message: INVALID_FRAME } : {}),
  }),
};

import { reasonOf } from '../../languages/reasons.ts';
import { NEEDS, needsPerson } from '../../realtime/needs.ts';
import { sayError } from '../../realtime/sockets/say-error.ts';
import type { Dialect } from '../../realtime/types.ts';
import { contactView } from './conversations/views.ts';
import { digits } from './instances/views.ts';
import { changeView, errorView, messageView } from './messages/views.ts';
import { notificationView } from './notifications/views.ts';
import { texts } from './texts.ts';

/** Sockets of saas.md. */
export const realtime: Dialect = {
  frames(event) {
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        const { channelId, conversationId } = message;
        const conversation = { id: conversationId, ...contactView(contact) };
        const payload = { instanceId: channelId, conversationId, message: messageView(message), conversation };
        return [{ name: 'message:new', payload, needs: NEEDS.messageInChat }];
      }
      case 'message.updated': {
        const { channelId, conversationId, messageId, status, error, change } = event.data;
        const reason = error && { error: errorView(error) };
        const payload = {
          instanceId: channelId,
          conversationId,
          messageId,
          status,
          ...reason,
          ...(change && { message: changeView(change) }),
        };
        return [{ name: 'message:status-update', payload, needs: NEEDS.message }];
      }
      case 'channel.status-changed': {
        const { channelId, name, status, phone } = event.data;
        const reason = reasonOf(texts, event.data.reason);
        const connected = status === 'connected';
        const payload = { instanceId: channelId, name, status, connected, phoneNumber: digits(phone), reason };
        return [{ name: 'instance:status', payload, needs: NEEDS.channel }];
      }
      case 'channel.code-changed': {
        const { channelId, name, phone, code } = event.data;
        const state = { instanceId: channelId, name, status: 'qr', connected: false, phoneNumber: digits(phone) };
        const shown = { qrCode: code.qr, pairingCode: code.pairingCode, qrExpiresAt: code.expiresAt };
        return [{ name: 'instance:status', payload: { ...state, reason: null, ...shown }, needs: NEEDS.channelCode }];
      }
      case 'notification.created': {
        const { notification } = event.data;
        const payload = notificationView(notification);
        return [{ name: 'notification', payload, needs: needsPerson(notification.userId) }];
      }
      default:
        return [];
    }
  },

  showsChannels: true,

  errorPayload: sayError(texts),
};

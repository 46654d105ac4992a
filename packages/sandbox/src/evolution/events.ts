import type { WebhookEnd } from '../meta/webhooks.ts';
import type { SandboxParts } from '../parts.ts';
import type { Instance } from './instances.ts';

/** Names that a webhook may ask for. No event has the name `GROUP_UPDATE`. */
export const EVENT_NAMES = [
  'APPLICATION_STARTUP',
  'QRCODE_UPDATED',
  'MESSAGES_SET',
  'MESSAGES_UPSERT',
  'MESSAGES_EDITED',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'SEND_MESSAGE',
  'SEND_MESSAGE_UPDATE',
  'CONTACTS_SET',
  'CONTACTS_UPSERT',
  'CONTACTS_UPDATE',
  'PRESENCE_UPDATE',
  'CHATS_SET',
  'CHATS_UPSERT',
  'CHATS_UPDATE',
  'CHATS_DELETE',
  'GROUPS_UPSERT',
  'GROUP_UPDATE',
  'GROUP_PARTICIPANTS_UPDATE',
  'CONNECTION_UPDATE',
  'LABELS_EDIT',
  'LABELS_ASSOCIATION',
  'CALL',
  'TYPEBOT_START',
  'TYPEBOT_CHANGE_STATUS',
  'REMOVE_INSTANCE',
  'LOGOUT_INSTANCE',
  'INSTANCE_CREATE',
  'INSTANCE_DELETE',
  'STATUS_INSTANCE',
];

/** Evolution tries these no second time. */
const FINAL_STATUSES = [400, 401, 403, 404, 422];

/** Posts an event to the instance's webhook; null when it is not asked for. */
export function emitEvent(
  parts: SandboxParts,
  instance: Instance,
  event: string,
  data: unknown,
  id?: string,
): Promise<WebhookEnd> | null {
  const { webhook } = instance;
  const name = event.replace(/[.-]/g, '_').toUpperCase();
  if (!webhook?.enabled || !webhook.events.includes(name) || !/^https?:\/\//.test(webhook.url)) return null;
  const { utcOffsetMinutes, eventTries } = parts.behaviour().web;
  return parts.events.send({
    provider: 'evolution',
    owner: instance.name,
    key: id === undefined ? event : `${event}:${id}`,
    url: webhook.byEvents ? `${webhook.url}/${name.replaceAll('_', '-').toLowerCase()}` : webhook.url,
    headers: webhook.headers,
    body: {
      event,
      instance: instance.name,
      data,
      destination: webhook.url,
      date_time: new Date(Date.now() + utcOffsetMinutes * 60_000).toISOString(),
      sender: instance.wuid ?? undefined,
      server_url: `${parts.address.url}/evolution`,
      apikey: instance.token,
    },
    tries: eventTries,
    finalStatuses: FINAL_STATUSES,
  });
}

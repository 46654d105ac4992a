import type { WebhookEnd } from '../meta/webhooks.ts';
import type { SandboxParts } from '../parts.ts';
import type { Session } from './sessions.ts';

/** Posts an event once, unsigned: it is never tried again. Null without a webhook. */
export function emitEvent(
  parts: SandboxParts,
  { name, webhook }: Session,
  event: string,
  data: object,
  id?: string,
): Promise<WebhookEnd> | null {
  if (!webhook) return null;
  return parts.events.send({
    provider: 'wppconnect',
    owner: name,
    key: id === undefined ? event : `${event}:${id}`,
    url: webhook,
    body: { event, session: name, ...data },
    tries: 1,
    finalStatuses: [],
  });
}

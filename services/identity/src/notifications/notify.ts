import { buildEvent, type Notification, type NotificationKind, notificationCreated, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { cutText } from '@recado/service-kit';
import { findRecipients, type Recipients } from './recipients.ts';
import { insertNotifications, type NewNotification, notificationView, pruneNotifications } from './store.ts';

/** What an event has to tell, and to whom. */
export interface Notice {
  kind: NotificationKind;
  params: Notification['params'];
  about: { type: string; id: string };
  to: Recipients;
}

/** A notice with the event it comes from. */
export interface SourcedNotice extends Notice {
  event: Pick<Delivered, 'tenantId' | 'id' | 'envelope'>;
}

/**
 * Writes one notification for each person a notice is for, with its event. A repeat of the source
 * finds its rows and adds nothing. In a consumer's transaction.
 */
export async function notify(tx: Tx, notices: readonly SourcedNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const recipients = await findRecipients(
    tx,
    notices.map(({ event, to }) => ({ tenantId: event.tenantId, to })),
  );
  const createdAt = new Date();
  const rows = notices.flatMap(({ event, kind, params, about }, i) =>
    recipients[i]!.map(
      (userId): NewNotification => ({
        tenantId: event.tenantId,
        id: uuidv7(),
        userId,
        kind,
        params: tidy(params),
        relatedEntityType: about.type,
        relatedEntityId: about.id,
        sourceEventId: event.id,
        createdAt,
      }),
    ),
  );
  if (rows.length === 0) return;
  const inserted = await insertNotifications(tx, rows);
  const traceOf = new Map(notices.map(({ event }) => [event.id, event.envelope.traceparent]));
  const fresh = rows.filter(({ id }) => inserted.has(id));
  await enqueue(
    tx,
    fresh.map(({ tenantId, sourceEventId, ...row }) =>
      buildEvent(notificationCreated, {
        tenantId,
        subject: row.id,
        time: createdAt,
        traceparent: traceOf.get(sourceEventId),
        data: { notification: notificationView({ ...row, isRead: false }) },
      }),
    ),
  );
  await pruneNotifications(tx, [...new Set(fresh.map(({ tenantId }) => tenantId))]);
}

/** Names come from outside: not endless, and nothing that jsonb refuses. */
function tidy(params: Notification['params']): Notification['params'] {
  const clean = (text: string) => cutText(text.toWellFormed().replaceAll('\0', '\ufffd'), 500);
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
  );
}

import type { conversationApi, RouteResult } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { selectStatuses } from '../statuses/store.ts';
import { selectRetries } from './retry-store.ts';
import { messageColumns, type StoredMessage } from './store.ts';
import { messageView } from './views.ts';

/** A message with every report of it, in one round trip. @throws NotFound */
export async function getMessage(
  db: Database,
  tenantId: string,
  messageId: string,
): Promise<RouteResult<typeof conversationApi.getMessage>> {
  const [[message], statuses, retries] = await readTenant(db, tenantId, (tx) => [
    tx<StoredMessage[]>`
      select ${messageColumns(tx)} from messages m where m.tenant_id = ${tenantId} and m.id = ${messageId}`,
    selectStatuses(tx, tenantId, messageId),
    selectRetries(tx, tenantId, messageId),
  ]);
  if (!message) throw new NotFound('message', messageId);
  return {
    message: messageView(message),
    statuses: statuses.map(({ status, source, at, createdAt, errorCode, errorMessage, details }) => ({
      status,
      source,
      at: at.toISOString(),
      recordedAt: createdAt.toISOString(),
      error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
      details,
    })),
    retryOf: retries.find(({ retryId }) => retryId === messageId)?.messageId ?? null,
    retriedBy: retries.find((retry) => retry.messageId === messageId)?.retryId ?? null,
  };
}

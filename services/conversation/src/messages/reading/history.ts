import type { conversationApi, RouteResult } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { selectVersions, type VersionRow } from '../../changes/store.ts';
import { selectStatuses } from '../../statuses/store.ts';
import { selectRetries } from '../sending/retry-store.ts';
import { aboutId, type ListedMessage, messageColumns, reactionsTo } from '../store.ts';
import { messageView } from '../views.ts';

/** A message with every report of it, in one round trip. @throws NotFound */
export async function getMessage(
  db: Database,
  tenantId: string,
  messageId: string,
  seesFormer: boolean,
): Promise<RouteResult<typeof conversationApi.getMessage>> {
  const [[message], statuses, retries, versions] = await readTenant(db, tenantId, (tx) => [
    tx<ListedMessage[]>`
      select ${messageColumns(tx)}, ${aboutId(tx)}, ${reactionsTo(tx)} from messages m
      where m.tenant_id = ${tenantId} and m.id = ${messageId}`,
    selectStatuses(tx, tenantId, messageId),
    selectRetries(tx, tenantId, messageId),
    selectVersions(tx, tenantId, messageId),
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
    ...(seesFormer && { former: formerOf(message, versions) }),
    retryOf: retries.find(({ retryId }) => retryId === messageId)?.messageId ?? null,
    retriedBy: retries.find((retry) => retry.messageId === messageId)?.retryId ?? null,
  };
}

/** All that the message was, except what it is now. */
const formerOf = ({ details }: ListedMessage, versions: readonly VersionRow[]) =>
  versions
    .filter(({ kind, at }) => kind !== 'deleted' && at.toISOString() !== details?.changed?.at)
    .map(({ type, content, details, at }) => ({ type, content, details, at: at.toISOString() }));

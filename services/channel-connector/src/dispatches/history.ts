import { type connectorApi, firstIdAt, type RouteResult } from '@recado/contracts';
import { columns, type Database, readTenant, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { dispatches } from '../schema.ts';
import { findResting } from './pace/resting.ts';
import { type NewAttempt, selectAttempts } from './sending/attempts.ts';

const shownColumns = columns(dispatches, {
  alias: 'd',
  only: ['messageId', 'channelId', 'state', 'createdAt', 'dueAt', 'errorCode', 'errorMessage'],
});

const errorOf = ({ errorCode, errorMessage }: { errorCode: string | null; errorMessage: string | null }) =>
  errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' };

type Dispatch = RouteResult<typeof connectorApi.getDispatch>;

/** How a message was sent: its state, each try and its answer. @throws NotFound */
export async function getDispatch(db: Database, tenantId: string, messageId: string): Promise<Dispatch> {
  const [found] = await findDispatches(db, tenantId, [messageId]);
  if (!found) throw new NotFound('message', messageId);
  return found;
}

/** The same of several, in one round trip; unknown ones are left out. */
export async function findDispatches(db: Database, tenantId: string, ids: readonly string[]): Promise<Dispatch[]> {
  const [rows, attempts] = await readTenant(db, tenantId, (tx) => [
    tx<(typeof shownColumns.$row)[]>`
      select ${shownColumns(tx)} from dispatches d
      where d.tenant_id = ${tenantId} and d.message_id = any(${ids as string[]}::uuid[])`,
    selectAttempts(tx, tenantId, ids),
  ]);
  const byMessage = Map.groupBy(attempts, (attempt) => attempt.messageId);
  return rows.map((row) => viewDispatch(row, byMessage.get(row.messageId) ?? []));
}

function viewDispatch(row: typeof shownColumns.$row, attempts: readonly NewAttempt[]): Dispatch {
  const { messageId, channelId, state, createdAt, dueAt } = row;
  return {
    messageId,
    channelId,
    state,
    queuedAt: createdAt.toISOString(),
    dueAt: state === 'queued' ? dueAt.toISOString() : null,
    error: errorOf(row),
    attempts: attempts.map((one) => ({
      number: one.attempt,
      startedAt: one.startedAt?.toISOString() ?? null,
      endedAt: one.endedAt.toISOString(),
      result: one.result,
      providerMessageId: one.providerMessageId,
      error: errorOf(one),
    })),
  };
}

type Queue = RouteResult<typeof connectorApi.getQueue>;

/** The tenant's messages on their way out, those of the last day, and numbers that rest. */
export async function getQueue(db: Database, redis: Redis, tenantId: string, now: Date): Promise<Queue> {
  const [[open], [ended], [numbers]] = await readTenant(db, tenantId, (tx) => [
    countOpen(tx, tenantId),
    countEnded(tx, tenantId, firstIdAt(now.getTime() - DAY_MS)),
    tx<{ all: number; connected: string[] }[]>`
      select count(*)::int as all, coalesce(array_agg(id) filter (where status = 'connected'), '{}') as connected from channels
      where tenant_id = ${tenantId} and removed_at is null`,
  ]);
  const { all, connected } = numbers!;
  const resting = await findResting(redis, connected);
  return { ...open!, ...ended!, paused: all > 0 && connected.length === 0, resting };
}

const DAY_MS = 24 * 3600 * 1000;

const countOpen = (tx: Tx, tenantId: string) => tx<Pick<Queue, 'waiting' | 'active' | 'delayed'>[]>`
  select (count(*) filter (where state = 'queued' and due_at <= now()))::int as waiting,
         (count(*) filter (where state = 'sending'))::int as active,
         (count(*) filter (where state = 'queued' and due_at > now()))::int as delayed
  from dispatches where tenant_id = ${tenantId} and state in ('queued', 'sending')`;

const countEnded = (tx: Tx, tenantId: string, first: string) => tx<Pick<Queue, 'completed' | 'failed'>[]>`
  select (count(*) filter (where state = 'sent'))::int as completed,
         (count(*) filter (where state = 'failed'))::int as failed
  from dispatches where tenant_id = ${tenantId} and message_id >= ${first}`;

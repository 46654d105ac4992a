import { setTimeout as pause } from 'node:timers/promises';
import { UNCERTAIN } from '@recado/contracts';
import { isConnectionError, withWorker } from '@recado/database';
import { pauseAfter } from '@recado/loops';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import type { BaseDeps } from '@recado/service';
import { createGroup } from '@recado/service-kit';
import { dispatchStatusEvent, uncertainEvent } from '../events.ts';
import { releaseOpenings } from '../limits/opening-store.ts';
import type { Decision } from '../rules.ts';
import { type ClaimedDispatch, type DispatchResult, recordResults } from '../store.ts';
import { insertAttempts, type NewAttempt } from './attempts.ts';

export interface Tried {
  row: ClaimedDispatch;
  decision: Decision;
  startedAt: Date;
}

export interface Recorded {
  /**
   * False: the row had been settled otherwise, or could not be written before its lease ran out.
   */
  changed: boolean;
  /** Its conversation has another message waiting. */
  more: boolean;
}

export interface Recorder {
  record(tried: Tried): Promise<Recorded>;
  drain(): Promise<void>;
}

const NOT_CHANGED: Recorded = { changed: false, more: false };

/**
 * Writes results of sends, with their events, many in one transaction. It waits for the database
 * until the lease ends: then the row counts as uncertain, and the status webhook settles it.
 */
export function createRecorder(
  deps: Pick<BaseDeps, 'workerDb' | 'log' | 'now'>,
  { leaseMs, uncertainMs }: { leaseMs: number; uncertainMs: number },
): Recorder {
  const group = createGroup<Tried, Recorded>({
    maxInFlight: 2,
    // A second transaction beside the first one pays only for many.
    besideFrom: 64,
    maxBatch: 256,
    run: (tried) => recordAll(tried),
  });

  async function recordAll(tried: Tried[]): Promise<Recorded[]> {
    const giveUpAt = performance.now() + leaseMs;
    for (let failures = 1; ; failures++) {
      try {
        return await recordOnce(tried);
      } catch (err) {
        if (!isConnectionError(err) && tried.length > 1)
          return Promise.all(tried.map(async (one) => (await recordAll([one]))[0]!));
        if (performance.now() > giveUpAt) {
          deps.log.error(
            { err, messages: tried.map(({ row }) => row.messageId) },
            'results of sends could not be written',
          );
          return tried.map(() => NOT_CHANGED);
        }
        if (failures === 1) deps.log.warn({ err }, 'results of sends could not be written, trying again');
        await pause(pauseAfter(failures, { firstMs: 100, maxMs: 1000 }));
      }
    }
  }

  async function recordOnce(tried: Tried[]): Promise<Recorded[]> {
    const at = deps.now();
    const byId = new Map(tried.map((one) => [one.row.messageId, one]));
    const recorded = new Map<string, Recorded>();
    await withWorker(deps.workerDb, async (tx) => {
      const events: OutgoingEvent[] = [];
      const attempts: NewAttempt[] = [];
      for (const { messageId, more } of await recordResults(tx, tried.map(resultOf))) {
        recorded.set(messageId, { changed: true, more });
        const one = byId.get(messageId)!;
        events.push(...eventsOf(one, at, uncertainMs));
        if (!waitsForFile(one.decision)) attempts.push(attemptOf(one, at));
      }
      if (attempts.length > 0) await insertAttempts(tx, attempts);
      await enqueue(tx, events);
      const unsent = tried.filter((one) => recorded.has(one.row.messageId) && isUnsentTemplate(one));
      if (unsent.length > 0)
        await releaseOpenings(
          tx,
          unsent.map(({ row }) => row),
        );
    });
    return tried.map(({ row }) => recorded.get(row.messageId) ?? NOT_CHANGED);
  }

  return { record: group.add, drain: group.drain };
}

/** Only templates open conversations. */
const isUnsentTemplate = ({ row, decision }: Tried): boolean => row.type === 'template' && decision.state === 'failed';

/** Nothing was tried yet. */
const waitsForFile = (decision: Decision): boolean => decision.state === 'queued' && decision.wanted !== undefined;

function resultOf({ row, decision }: Tried): DispatchResult {
  const failed = decision.state === 'failed' || decision.state === 'queued' ? decision : null;
  const uncertain = decision.state === 'uncertain' ? decision : null;
  return {
    tenantId: row.tenantId,
    messageId: row.messageId,
    attempts: row.attempts,
    state: decision.state,
    providerMessageId: decision.state === 'sent' ? decision.providerMessageId : null,
    errorCode: failed?.code ?? (uncertain && UNCERTAIN),
    errorMessage: failed?.message ?? uncertain?.reason ?? null,
    pauseMs: decision.state === 'queued' ? decision.pauseMs : 0,
    refused: decision.state === 'queued' && decision.refused ? 1 : 0,
  };
}

function attemptOf(tried: Tried, endedAt: Date): NewAttempt {
  const { tenantId, messageId, attempts, state, providerMessageId, errorCode, errorMessage } = resultOf(tried);
  const result = state === 'sent' || state === 'failed' || state === 'uncertain' ? state : 'retry';
  const { startedAt } = tried;
  return {
    tenantId,
    messageId,
    attempt: attempts,
    result,
    providerMessageId,
    errorCode,
    errorMessage,
    startedAt,
    endedAt,
  };
}

function eventsOf({ row, decision }: Tried, at: Date, uncertainMs: number): OutgoingEvent[] {
  switch (decision.state) {
    case 'sent':
      return [dispatchStatusEvent(row, 'sent', decision.providerMessageId, null, at)];
    case 'failed':
      return [dispatchStatusEvent(row, 'failed', null, { code: decision.code, message: decision.message }, at)];
    case 'uncertain':
      return [uncertainEvent(row, at, uncertainMs)];
    case 'queued':
      return [];
  }
}

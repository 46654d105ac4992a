import { createHash } from 'node:crypto';
import { UNCERTAIN } from '@recado/contracts';
import { readTenant, type Tx } from '@recado/database';
import { AppError, Conflict, NotFound } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import { findAbout } from '../about.ts';
import { contentOf } from '../content.ts';
import { messageColumns, type StoredMessage } from '../store.ts';
import { acceptOnce, type SendContext, type Sent } from './accept.ts';
import { newOutbound, type OutboundAuthor, outboundChange, worded } from './outbound.ts';
import { type Prepared, prepareContent, shownFile } from './prepare.ts';
import { insertRetry, selectFailed } from './retry-store.ts';
import { checkChatConsent, lockWritable, replyWindow, sendRules, store } from './send.ts';

/**
 * Sends a failed message again, once, as a new message: ranks of statuses never go back. A repeated
 * call gets the message that was made.
 * @throws NotFound; Conflict `message` for one that may not be sent again; those of sendMessage
 */
export async function retryMessage(deps: Deps, by: Omit<SendContext, 'key'>, messageId: string): Promise<Sent> {
  const { tenantId } = by.caller;
  const rules = await sendRules(deps, { ...by, key: null });
  const again = await prepareAgain(deps, by, messageId);
  const context: SendContext = { ...by, key: keyOf(messageId), action: 'message.retry' };
  return acceptOnce(deps, context, async (tx, { id, now }) => {
    const { failed, content } = await findRetryable(tx, tenantId, messageId);
    const prepared: Prepared = again ?? { given: content, content, purpose: 'service', files: new Map() };
    const before = await lockWritable(tx, tenantId, failed.conversationId, rules, prepared, now);
    checkChatConsent(prepared.purpose, before);
    const about = await findAbout(tx, before, content);
    const message = worded(
      newOutbound(before, content, authorOf(failed), now, id, about, shownFile(prepared)),
      prepared,
    );
    // A repeated message is not a new answer: it reads nothing and takes nothing over.
    const { status, firstResponseAt } = before;
    const change = { ...outboundChange(before, [message], now), status, firstResponseAt, read: false };
    const accepted = await store(tx, context, before, message, change, { content: prepared.content, about });
    if (!(await insertRetry(tx, tenantId, messageId, id))) throw refused('It was sent again before');
    return accepted;
  });
}

/** Beyond what a client may choose: an Idempotency-Key holds no spaces. */
const keyOf = (messageId: string) => ({
  key: ` retry ${messageId}`,
  request: createHash('sha256').update(messageId).digest('base64url'),
});

const refused = (why: string) => new Conflict(why, 'message');

async function findRetryable(tx: Tx, tenantId: string, messageId: string) {
  const [message] = await tx<StoredMessage[]>`
    select ${messageColumns(tx)} from messages m where m.tenant_id = ${tenantId} and m.id = ${messageId}`;
  if (!message) throw new NotFound('message', messageId);
  if (message.direction !== 'outbound' || message.status !== 'failed') throw refused('The message did not fail');
  // It may have arrived: a second one would be a duplicate.
  if (message.errorCode === UNCERTAIN) throw refused('Whether the message arrived is not known');
  const content = contentOf(message);
  if (!content) throw refused(`Messages of type ${message.type} are not sent`);
  return { failed: message, content };
}

/** Content of ours, looked at anew; null for a message that is refused later. */
async function prepareAgain(deps: Deps, by: Omit<SendContext, 'key'>, messageId: string): Promise<Prepared | null> {
  const { tenantId } = by.caller;
  const [[message]] = await readTenant(deps.db, tenantId, (tx) => [
    tx<StoredMessage[]>`
      select ${messageColumns(tx)} from messages m
      where m.tenant_id = ${tenantId} and m.id = ${messageId} and m.direction = 'outbound'`,
  ]);
  const content = message ? contentOf(message) : null;
  return message && content ? prepareContent(deps, by, message.channelId, content) : null;
}

/** Whose word it was. An AI reply is the AI's only once. */
const authorOf = ({ author, userId }: StoredMessage): OutboundAuthor =>
  author === 'user' && userId !== null ? { author, userId } : { author: 'system' };

export interface RetryOutcome {
  retried: number;
  /** Refused since they were listed, each for a reason of its own. */
  skipped: number;
}

const AT_ONCE = 100;

/**
 * Sends again what failed within a day and may still be sent, the latest first. Ends where the plan
 * does.
 * @throws PlanLimit when it allows none at all
 */
export async function retryFailed(deps: Deps, by: Omit<SendContext, 'key'>): Promise<RetryOutcome> {
  const { tenantId } = by.caller;
  const rules = await sendRules(deps, { ...by, key: null });
  const windows = new Map([...rules.providers.keys()].map((name) => [name, replyWindow(rules, name)]));
  const [failed] = await readTenant(deps.db, tenantId, (tx) => [
    selectFailed(tx, tenantId, deps.now(), windows, AT_ONCE),
  ]);
  const outcome: RetryOutcome = { retried: 0, skipped: 0 };
  for (const { id } of failed) {
    try {
      await retryMessage(deps, by, id);
      outcome.retried++;
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      if (!ENDS.has(error.code)) {
        outcome.skipped++;
        continue;
      }
      if (outcome.retried === 0) throw error;
      return { ...outcome, skipped: failed.length - outcome.retried };
    }
  }
  return outcome;
}

/** Refusals that the next message would get too. */
const ENDS: ReadonlySet<string> = new Set(['plan_limit', 'too_many_requests']);

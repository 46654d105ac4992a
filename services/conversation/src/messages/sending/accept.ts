import {
  type AuditOrigin,
  type BuiltEvent,
  buildAudit,
  type Conversation,
  conversationAudit,
  type Message,
  uuidv7,
} from '@recado/contracts';
import { type TenantPlan, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { AppError, type CallContext, type Caller, NotFound, TooManyRequests } from '@recado/service-kit';
import { selectByIds } from '../../conversations/list.ts';
import { contactOf, conversationView } from '../../conversations/views.ts';
import type { Deps } from '../../deps.ts';
import { checkConversations, spendMessage } from '../../usage/limits.ts';
import { claimKey, type SendKey } from '../keys.ts';
import { messageColumns, type StoredMessage } from '../store.ts';
import { messageView } from '../views.ts';
import { OutsideWindow, withTemplates } from './window.ts';

export interface Sent {
  message: Message;
  conversation: Conversation;
}

/** The sender, the address, and the key, if any. */
export interface SendContext {
  caller: Caller;
  context: CallContext;
  origin: AuditOrigin;
  key: SendKey | null;
  /** For the audit log. Default: `message.create`. */
  action?: 'message.create' | 'message.retry';
  /** Begins the transaction of a new message: what it throws ends the send. */
  before?: ((tx: Tx) => Promise<unknown>) | undefined;
  /** Part of the transaction of a new message: what its acceptance ends. */
  also?: ((tx: Tx, message: Message) => Promise<unknown>) | undefined;
}

/**
 * Sends in the database at once, fewer than the pool's ten connections. Tenants share them fairly:
 * none waits for another's flood, or for another's locked month.
 */
export const SEND_PLACES = { places: 8, perKey: 4, spare: 2, maxWaiting: 2000 };
/** As long as the caller waits, less what a send takes. */
const WAIT_MS = 3000;

/** The id the message gets if it is accepted, and when that is. */
interface Draft {
  id: string;
  now: Date;
  /** Asked for together with the first statement. */
  tenant: Promise<TenantPlan>;
}

/** What a send has written. */
export interface Accepted {
  sent: Sent;
  events: BuiltEvent[];
  /** It opened the conversation. */
  opened: boolean;
}

/**
 * Accepts a message in one transaction: rows, events, plan, audit line. A key used before changes
 * nothing and gets the first message, also at the same moment.
 * @param work writes the rows; what it throws takes the key back as well.
 * @throws AppError `idempotency_mismatch`, PlanLimit maxMessages or maxConversations.
 * @throws Unprocessable `outside_window` naming the templates that can be sent
 * @throws TooManyRequests when the tenant sends faster than its messages can be stored
 */
export async function acceptOnce(
  deps: Deps,
  context: SendContext,
  work: (tx: Tx, draft: Draft) => Promise<Accepted>,
): Promise<Sent> {
  const { tenantId } = context.caller;
  await deps.tenants.ensure(tenantId);
  try {
    return await withPlace(deps, tenantId, () => accept(deps, context, work));
  } catch (error) {
    throw error instanceof OutsideWindow ? await withTemplates(deps, context, error) : error;
  }
}

/**
 * Works in one of the tenant's places.
 * @throws TooManyRequests when none gets free in time
 */
export async function withPlace<T>(deps: Pick<Deps, 'sends'>, tenantId: string, work: () => Promise<T>): Promise<T> {
  const end = await deps.sends.take(tenantId, WAIT_MS);
  if (!end) throw new TooManyRequests(1, 'Too many sends at this moment');
  try {
    return await work();
  } finally {
    end();
  }
}

async function accept(
  deps: Deps,
  { caller, origin, key, action = 'message.create', before, also }: SendContext,
  work: (tx: Tx, draft: Draft) => Promise<Accepted>,
): Promise<Sent> {
  const { tenantId } = caller;
  const [id, now] = [uuidv7(), deps.now()];
  const { sent, isNew } = await withTenant(deps.db, tenantId, async (tx) => {
    const first = key && (await claimKey(tx, tenantId, key, id));
    if (first) {
      if (first.request !== key.request) {
        throw new AppError('idempotency_mismatch', 'The Idempotency-Key was used for another message');
      }
      return { sent: await findSent(tx, tenantId, first.messageId), isNew: false };
    }
    await before?.(tx);
    // Sent with the first statement of `work`. If that one fails, this failure is not reported.
    const tenant = deps.tenants.get(tx, [tenantId]).then((found) => found.get(tenantId)!);
    tenant.catch(() => {});
    const { sent, events, opened } = await work(tx, { id, now, tenant });
    const plan = await tenant;
    await Promise.all([
      enqueue(tx, [...events, ...auditOf(caller, origin, action, sent, now)]),
      also?.(tx, sent.message),
      // Last: it locks the tenant's month, and the next send waits for our commit.
      spendMessage(tx, plan, now),
    ]);
    if (opened) await checkConversations(tx, plan);
    return { sent, isNew: true };
  });
  if (isNew) {
    deps.metrics.stored.inc({ direction: 'outbound', author: sent.message.author });
  }
  return sent;
}

/** What services send on their own account (broadcasts, flows) has its own history. */
function auditOf(caller: Caller, origin: AuditOrigin, action: string, { message }: Sent, at: Date): BuiltEvent[] {
  if (caller.role === 'service') return [];
  const what = { action, entityType: 'message', entityId: message.id, at };
  return [buildAudit(conversationAudit, origin, what)];
}

async function findSent(tx: Tx, tenantId: string, messageId: string): Promise<Sent> {
  const [message] = await tx<StoredMessage[]>`
    select ${messageColumns(tx)} from messages m where m.tenant_id = ${tenantId} and m.id = ${messageId}`;
  if (!message) throw new NotFound('message', messageId);
  const [conversation] = await selectByIds(tx, tenantId, [message.conversationId]);
  return { message: messageView(message), conversation: conversationView(conversation!, contactOf(conversation!)) };
}

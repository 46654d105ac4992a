import type { RecipientAddress } from '@recado/contracts';
import type { KnownChannel } from '../channels/directory.ts';
import { type ErrorTable, findError, readableError } from '../providers/errors.ts';
import type { Outcome } from '../providers/provider.ts';
import type { NewReceipt } from './store.ts';

/** What becomes of a receipt. `again`: after a lost answer too, because a repeat does no harm. */
export type ReceiptDecision =
  | { state: 'sent' }
  | { state: 'skipped'; code: string; message: string }
  | { state: 'failed'; code: string; message: string }
  | { state: 'again'; reason: string };

/** The last message of each conversation, by its own time and then its id. */
export function lastOfEach(receipts: readonly NewReceipt[]): NewReceipt[] {
  const last = new Map<string, NewReceipt>();
  for (const receipt of receipts) {
    const key = `${receipt.tenantId} ${receipt.conversationId}`;
    const other = last.get(key);
    if (!other) last.set(key, receipt);
    else last.set(key, orderOf(receipt) > orderOf(other) ? join(receipt, other) : join(other, receipt));
  }
  return [...last.values()];
}

/** The later receipt with what the earlier one would have ticked. */
const join = (later: NewReceipt, before: NewReceipt): NewReceipt => ({
  ...later,
  earlier: [...later.earlier, before.providerMessageId, ...before.earlier].slice(0, 100),
});

const orderOf = ({ sentTime, messageId }: NewReceipt) => `${new Date(sentTime).toISOString()} ${messageId}`;

/** A customer who wrote an hour ago is not surprised by blue ticks now. */
const MAX_AGE_MS = 3_600_000;

/** Why a receipt does not go out; null when it may. */
export function refuseReceipt(
  channel: Pick<KnownChannel, 'tenantId' | 'proven' | 'blockedUntil' | 'lastError' | 'provider' | 'receipts'> | null,
  { tenantId, readAt, recipient }: { tenantId: string; readAt: Date; recipient: RecipientAddress },
  now: Date,
): Extract<ReceiptDecision, { state: 'skipped' }> | null {
  const skip = (code: string, message: string) => ({ state: 'skipped' as const, code, message });
  if (channel?.tenantId !== tenantId) return skip('channel_not_found', 'The number is no longer connected');
  if (!channel.proven || channel.blockedUntil > now.getTime()) {
    return skip('channel_not_connected', channel.lastError ?? 'The number is not connected');
  }
  if (channel.receipts === 'never') return skip('disabled', 'The number sends no read receipts');
  if (!channel.provider.markRead) return skip('unsupported', 'The provider has no read receipts');
  if (!takesReceipts(channel.provider, recipient)) {
    return skip('unsupported', 'The provider has no read receipts in groups');
  }
  if (now.getTime() - readAt.getTime() >= MAX_AGE_MS) return skip('expired', 'The receipt waited too long');
  return null;
}

/** Whether a chat may be told that a message was read, or that an agent is typing. */
export const takesReceipts = (
  { capabilities }: Pick<KnownChannel['provider'], 'capabilities'>,
  { group }: RecipientAddress,
): boolean => group === undefined || capabilities.groupReceipts !== false;

/** What the answer of a provider means for a receipt. */
export function decideReceipt(outcome: Outcome<unknown>, errors: ErrorTable): ReceiptDecision {
  switch (outcome.kind) {
    case 'ok':
      return { state: 'sent' };
    case 'refused': {
      const { code, otherwise, said } = outcome.refusal;
      const { message } = readableError(errors, code, said);
      const kind = findError(errors, code)?.kind ?? otherwise;
      if (kind === 'retry' || kind === 'throttled' || kind === 'pair') return { state: 'again', reason: message };
      return { state: 'failed', code, message };
    }
    case 'denied': {
      const message = `The provider answered with HTTP ${outcome.httpStatus}`;
      if (outcome.httpStatus === 429) return { state: 'again', reason: message };
      return { state: 'failed', code: `http_${outcome.httpStatus}`, message };
    }
    default:
      return { state: 'again', reason: outcome.reason };
  }
}

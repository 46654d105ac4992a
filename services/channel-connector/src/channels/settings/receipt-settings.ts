/** When a customer sees that a message was read. */
export type ReceiptSetting = 'replies' | 'reads' | 'never';

/**
 * Reads a channel's `readReceipts`: `reads` sends one when a person reads, `replies` also when one
 * answers, `never` none. Unless it says otherwise an answer counts, as people expect of an inbox.
 */
export const receiptSetting = ({ readReceipts }: Record<string, unknown>): ReceiptSetting =>
  readReceipts === 'reads' || readReceipts === 'never' ? readReceipts : 'replies';

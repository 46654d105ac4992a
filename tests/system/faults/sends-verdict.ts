/** One accepted message: what the connector holds of it, and what the provider took. */
export interface SendTestimony {
  messageId: string;
  /** Null: there is no dispatch. */
  state: 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain' | null;
  errorCode: string | null;
  errorMessage: string | null;
  providerMessageId: string | null;
  /** Of the message in the conversation. */
  status: string | null;
  /** The ids under which the provider took it, by its ledger. */
  taken: readonly string[];
  /** The provider tells what becomes of it. */
  told: boolean;
}

export interface SendsVerdict {
  sentTwice: string[];
  /** Neither sent nor visibly uncertain. */
  lost: string[];
  /** The provider has it and told so, and it does not count as sent; or the other way round. */
  disagree: string[];
  /** Ended as uncertain, with the reason. */
  uncertain: number;
  sent: number;
}

/**
 * Every message is sent once, or ends as uncertain with its reason. Where the provider tells, its
 * word decides.
 */
export function judgeSends(messages: readonly SendTestimony[]): SendsVerdict {
  const verdict: SendsVerdict = { sentTwice: [], lost: [], disagree: [], uncertain: 0, sent: 0 };
  for (const one of messages) {
    const { messageId: id, state, taken } = one;
    if (taken.length > 1) verdict.sentTwice.push(`${id} taken ${taken.length} times`);
    if (state === 'sent') {
      verdict.sent++;
      if (taken.length === 0) verdict.disagree.push(`${id} counts as sent, the provider does not have it`);
      else if (!taken.includes(one.providerMessageId ?? ''))
        verdict.disagree.push(`${id} was sent under ${taken.join()}, and is known as ${one.providerMessageId}`);
      if (one.status === 'pending' || one.status === 'failed' || one.status === null)
        verdict.disagree.push(`${id} was sent, its conversation shows ${one.status}`);
    } else if (state === 'failed' && one.errorCode === 'uncertain' && one.errorMessage) {
      verdict.uncertain++;
      if (one.status !== 'failed') verdict.disagree.push(`${id} is uncertain, its conversation shows ${one.status}`);
      if (taken.length > 0 && one.told)
        verdict.disagree.push(`${id} stays uncertain, though the provider told that it has it`);
    } else {
      verdict.lost.push(`${id} is ${state ?? 'without a dispatch'} ${one.errorCode ?? ''}`.trim());
    }
  }
  return verdict;
}

export const cleanSends = (verdict: SendsVerdict): boolean =>
  verdict.sentTwice.length + verdict.lost.length + verdict.disagree.length === 0;

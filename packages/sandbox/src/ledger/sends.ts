import type { Ledger } from './ledger.ts';
import type { LedgerMessage, LedgerSend } from './rows.ts';

/** What went out, oldest first, each thing once with how often it went to the same recipient. */
export function countSends(ledger: Ledger, where: Record<string, string>): LedgerSend[] {
  const sends = new Map<string, LedgerSend>();
  for (let since = 0, more = true; more; ) {
    const page = ledger.page('messages', { since, limit: 10_000, where });
    for (const row of page.items) count(sends, row);
    since = page.next;
    more = page.hasMore;
  }
  return [...sends.values()];
}

function count(sends: Map<string, LedgerSend>, row: LedgerMessage): void {
  const { provider, phoneNumberId, to, type, text, bizOpaqueCallbackData } = row;
  // A caller's own id names the message; without one the content does.
  const content = bizOpaqueCallbackData ?? JSON.stringify(row.body);
  const key = JSON.stringify([provider, phoneNumberId, to, type, content]);
  const send = sends.get(key);
  if (send) {
    send.times++;
    send.wamids.push(row.wamid);
  } else {
    sends.set(key, { provider, phoneNumberId, to, type, text, bizOpaqueCallbackData, times: 1, wamids: [row.wamid] });
  }
}

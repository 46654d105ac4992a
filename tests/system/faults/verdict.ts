/**
 * What the three witnesses say after a run: the database, the sandbox's ledger and an agent's
 * screen.
 */
export interface Testimony {
  /** Provider ids of inbound messages answered 200. */
  inboundAccepted: ReadonlySet<string>;
  /** Texts of outbound messages answered 201 → message id. */
  outboundAccepted: ReadonlyMap<string, string>;
  database: readonly {
    id: string;
    direction: 'inbound' | 'outbound';
    status: string;
    content: string;
    providerMessageId: string | null;
  }[];
  /** Texts the provider accepted, in order, repeats included. */
  ledger: readonly string[];
  screen: { shown: ReadonlyMap<string, number>; fetched: ReadonlySet<string>; status: ReadonlyMap<string, string> };
}

export interface Verdict {
  lost: string[];
  sentTwice: string[];
  shownTwice: string[];
  /** Other disagreements between the witnesses. */
  disagree: string[];
  /** Accepted messages that ended visibly failed instead of sent. */
  visiblyFailed: number;
}

/** Compares the witnesses by id. Pure, so that the run and the tests of the run judge alike. */
export function judge(t: Testimony): Verdict {
  const verdict: Verdict = { lost: [], sentTwice: [], shownTwice: [], disagree: [], visiblyFailed: 0 };

  const stored = new Map<string, number>();
  for (const row of t.database) {
    if (row.direction === 'inbound' && row.providerMessageId)
      stored.set(row.providerMessageId, (stored.get(row.providerMessageId) ?? 0) + 1);
  }
  for (const id of t.inboundAccepted)
    if (!stored.has(id)) verdict.lost.push(`inbound ${id} answered 200 but not stored`);
  for (const [id, times] of stored) if (times > 1) verdict.shownTwice.push(`inbound ${id} stored ${times} times`);

  const sends = new Map<string, number>();
  for (const text of t.ledger) sends.set(text, (sends.get(text) ?? 0) + 1);
  for (const [text, times] of sends) if (times > 1) verdict.sentTwice.push(`"${text}" sent ${times} times`);

  const rows = new Map(t.database.map((row) => [row.id, row]));
  for (const [text, id] of t.outboundAccepted) {
    const row = rows.get(id);
    if (!row) verdict.lost.push(`outbound ${id} answered 201 but not stored`);
    else if (sends.has(text)) continue;
    else if (row.status === 'failed') verdict.visiblyFailed++;
    else verdict.lost.push(`outbound ${id} "${text}" is ${row.status} but was never sent`);
  }
  for (const row of t.database) {
    if (row.direction === 'outbound' && row.status === 'failed' && sends.has(row.content)) {
      verdict.disagree.push(`${row.id} "${row.content}" was sent but shows failed`);
    }
  }

  for (const row of t.database) {
    const times = t.screen.shown.get(row.id) ?? 0;
    if (times > 1) verdict.shownTwice.push(`${row.id} shown ${times} times`);
    if (times === 0 && !t.screen.fetched.has(row.id))
      verdict.lost.push(`${row.direction} ${row.id} never reached the screen`);
    const word = row.status === 'pending' ? 'SENT' : row.status.toUpperCase();
    const seen = t.screen.status.get(row.id);
    if (row.direction === 'outbound' && seen && seen !== word)
      verdict.disagree.push(`${row.id} is ${word}, the screen shows ${seen}`);
  }
  for (const id of t.screen.shown.keys())
    if (!rows.has(id)) verdict.disagree.push(`the screen shows ${id}, which is not stored`);
  return verdict;
}

/** True when nothing was lost, doubled or contradictory. */
export const clean = (verdict: Verdict): boolean =>
  verdict.lost.length + verdict.sentTwice.length + verdict.shownTwice.length + verdict.disagree.length === 0;

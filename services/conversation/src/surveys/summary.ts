import type { SurveySummary } from '@recado/contracts';

/** How many questions of an agent got a score; null: no answer. */
export interface ScoreRow {
  userId: string | null;
  score: number | null;
  count: number;
  commented: number;
}

type Rates = Omit<SurveySummary, 'agents'>;
const MAX_AGENTS = 1000;

/** Sums up questions by agent and score, in all and for each agent. */
export function summaryOf(rows: readonly ScoreRow[]): SurveySummary {
  const byUser = Map.groupBy(rows, ({ userId }) => userId);
  const agents = [...byUser].map(([userId, own]) => ({ userId, ...ratesOf(own) }));
  agents.sort((a, b) => b.asked - a.asked || (a.userId ?? '').localeCompare(b.userId ?? ''));
  return { ...ratesOf(rows), agents: agents.slice(0, MAX_AGENTS) };
}

function ratesOf(rows: readonly ScoreRow[]): Rates {
  const distribution = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
  let [asked, answered, commented, sum] = [0, 0, 0, 0];
  for (const row of rows) {
    asked += row.count;
    commented += row.commented;
    if (row.score === null) continue;
    answered += row.count;
    sum += row.score * row.count;
    distribution[row.score as 1] += row.count;
  }
  const responseRate = asked === 0 ? null : rounded(answered / asked, 4);
  const average = answered === 0 ? null : rounded(sum / answered, 2);
  return { asked, answered, commented, responseRate, average, distribution };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

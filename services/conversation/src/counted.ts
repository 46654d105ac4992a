import type { Tx } from '@recado/database';

/** How many rows a list has. Counting ends at a limit: then there are more than `total`. */
export interface Counted {
  total: number;
  totalIsCapped?: true;
}

/** Rows that lists count, and that pages by number reach. Counting all of 100,000 took 50 ms. */
export const MOST_COUNTED = 10_000;

/** How many rows a select gives, up to `most`. */
export async function countRows(tx: Tx, rows: ReturnType<Tx>, most = MOST_COUNTED): Promise<Counted> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from (${rows} limit ${most + 1}) counted`;
  return cappedAt(most, row!.count);
}

/** What was counted with a limit of one more than `most`. */
export const cappedAt = (most: number, counted: number): Counted =>
  counted > most ? { total: most, totalIsCapped: true } : { total: counted };

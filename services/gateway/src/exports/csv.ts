import { pipeline, Readable } from 'node:stream';
import type { Logger } from '@recado/service-kit';
import { stringify } from 'csv-stringify';
import { type Cell, safeCell } from './cells.ts';

type Cells = readonly Cell[];

/**
 * Rows as CSV, while they come. The byte order mark tells Excel that this is UTF-8. Rows that fail
 * destroy the file under way: a cut connection is seen, a short file would not be.
 */
export function csvOf(headers: Cells, rows: AsyncIterable<Cells>, log: Pick<Logger, 'warn'>): Readable {
  const csv = stringify({ bom: true });
  return pipeline(Readable.from(allRows(headers, rows)), csv, (err) => {
    // Who downloads may leave at any time.
    if (err && err.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.warn({ err }, 'an export broke off');
  });
}

async function* allRows(headers: Cells, rows: AsyncIterable<Cells>): AsyncGenerator<string[]> {
  yield headers.map(safeCell);
  for await (const row of rows) yield row.map(safeCell);
}

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Encoding } from './encoding.ts';
import { cleanText, type FileRow, type Limits, refuseFile } from './limits.ts';
import { findSeparator, type Separator } from './separator.ts';

export interface CsvFile {
  encoding: Encoding;
  separator: Separator;
  rows: AsyncIterable<FileRow>;
}

/** A CSV file, a row at a time. `head`: its first bytes. */
export function readCsv(path: string, head: Buffer, encoding: Encoding, limits: Limits): CsvFile {
  const separator = findSeparator(new TextDecoder(encoding).decode(head));
  return { encoding, separator, rows: rowsOf(path, encoding, separator, limits) };
}

async function* rowsOf(path: string, encoding: Encoding, separator: string, limits: Limits): AsyncGenerator<FileRow> {
  const parser = parse({
    delimiter: separator,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: limits.rowBytes,
  });
  // The parser's own error is what the loop below throws.
  pipeline(Readable.from(textOf(path, encoding)), parser, () => undefined);
  let row = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (row === 0 && /^sep=.?$/i.test(record.join(separator))) continue;
      row++;
      if (record.length > limits.columns) refuseFile('import_columns', { maximum: limits.columns });
      const cells = record.map(cleanText);
      if (cells.some((cell) => cell !== '')) yield { row, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    refuseFile(error.code === 'CSV_MAX_RECORD_SIZE' ? 'import_row_size' : 'import_damaged');
  }
}

/** The file's text without its byte order mark, which the decoder drops. */
async function* textOf(path: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path)) yield decoder.decode(chunk as Buffer, { stream: true });
  yield decoder.decode();
}

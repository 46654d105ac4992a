import { open } from 'node:fs/promises';
import { type Encoding, findEncoding, markedEncoding } from './encoding.ts';
import { type FileRow, LIMITS, type Limits, refuseFile } from './limits.ts';
import { readCsv } from './read-csv.ts';
import { readWorkbook } from './read-workbook.ts';
import type { Separator } from './separator.ts';

/** A file of contacts. Its rows are read as they are taken. */
export interface ReadFile {
  format: 'csv' | 'xlsx';
  encoding: Encoding | null;
  separator: Separator | null;
  rows: AsyncIterable<FileRow>;
}

const HEAD_BYTES = 64 * 1024;

/** Opens a file of this machine. Its content decides what it is, and not its name. */
export async function readFile(path: string, limits: Limits = LIMITS): Promise<ReadFile> {
  const head = await headOf(path);
  if (head.length === 0) refuseFile('import_empty');
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) {
    return { format: 'xlsx', encoding: null, separator: null, rows: readWorkbook(path, limits) };
  }
  if (isBinary(head)) refuseFile('import_type');
  return { format: 'csv', ...readCsv(path, head, await findEncoding(path, head), limits) };
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Text has no control characters but tabs and line ends. An old XLS file is full of them. */
function isBinary(head: Buffer): boolean {
  const encoding = markedEncoding(head);
  if (encoding?.startsWith('utf-16')) return false;
  return head.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12);
}

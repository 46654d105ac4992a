import { FIELD_CODES, type FieldCode, MAX_IMPORT_ROWS } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';

/** What a file may hold. Beyond one of these the whole file is refused. */
export const LIMITS = {
  rows: MAX_IMPORT_ROWS,
  columns: 200,
  /** Bytes of one row, and of one run of text in a workbook. */
  rowBytes: 256 * 1024,
  /** Bytes of a workbook's parts once unpacked, all together. */
  unpackedBytes: 400 * 1024 * 1024,
  /** Bytes of its shared texts, which are kept in memory. */
  sharedBytes: 64 * 1024 * 1024,
  /** Times that a part may grow beyond `freeBytes` when it is unpacked. */
  ratio: 150,
  freeBytes: 5 * 1024 * 1024,
  parts: 2000,
};
export type Limits = typeof LIMITS;

/** A row of a file. Numbered as a spreadsheet counts: the headers are row 1. */
export interface FileRow {
  row: number;
  cells: string[];
}

/** @throws ValidationFailed naming the file */
export function refuseFile(code: FieldCode, params?: Record<string, unknown>): never {
  throw new ValidationFailed([{ field: 'file', code, message: FIELD_CODES[code], ...(params && { params }) }]);
}

/** What Postgres cannot keep (NUL) and what no text may have (halves of a pair) is replaced. */
export const cleanText = (text: string): string => text.replaceAll('\u0000', '').toWellFormed().trim();

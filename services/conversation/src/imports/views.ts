import type { ContactImport } from '@recado/contracts';
import type { ImportRow } from './store.ts';

/** An import as the contract shows it. */
export const importView = (row: ImportRow): ContactImport => ({
  id: row.id,
  status: row.status,
  fileName: row.fileName,
  format: row.format,
  encoding: row.encoding,
  separator: row.separator,
  columns: row.headers.map((header, i) => ({ header, field: row.mapping[i] ?? null })),
  onDuplicate: row.onDuplicate,
  total: row.totalRows,
  processed: row.createdRows + row.updatedRows + row.unchangedRows + row.duplicateRows + row.invalidRows,
  created: row.createdRows,
  updated: row.updatedRows,
  unchanged: row.unchangedRows,
  duplicates: row.duplicateRows,
  invalid: row.invalidRows,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});

import type { AuditOrigin, ImportStatus } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** Files of contacts that are read into the address book. */
export const imports = schema.table(
  'imports',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    status: text('status').$type<ImportStatus>().notNull().default('read'),
    fileName: text('file_name').notNull(),
    format: text('format', { enum: ['csv', 'xlsx'] }).notNull(),
    encoding: text('encoding'),
    separator: text('separator'),
    /** The texts of the first row, in order. */
    headers: jsonb('headers').$type<string[]>().notNull(),
    /** Which field each column fills; null: the column is left out. */
    mapping: jsonb('mapping').$type<(string | null)[]>().notNull(),
    onDuplicate: text('on_duplicate', { enum: ['update', 'skip'] })
      .notNull()
      .default('skip'),
    /** Who ordered it, for audit and events of the rows. */
    origin: jsonb('origin').$type<AuditOrigin>().notNull(),
    createdBy: uuid('created_by'),
    /** Who sees no contacts but their own: others' are left as they are. */
    owner: uuid('owner'),
    /** Of rows in the file, without the headers. */
    totalRows: integer('total_rows').notNull().default(0),
    createdRows: integer('created_rows').notNull().default(0),
    updatedRows: integer('updated_rows').notNull().default(0),
    unchangedRows: integer('unchanged_rows').notNull().default(0),
    duplicateRows: integer('duplicate_rows').notNull().default(0),
    invalidRows: integer('invalid_rows').notNull().default(0),
    /** The chunk that is read next: rows before it are committed. */
    nextChunk: integer('next_chunk').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    startedAt: time('started_at'),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // One at a time for each tenant, in all copies together.
    uniqueIndex('imports_running').on(t.tenantId).where(sql`${t.status} = 'running'`),
    index('imports_old').on(t.createdAt),
  ],
);

/** Rows of a file that wait to be imported; each is deleted with the commit of its contacts. */
export const importChunks = schema.table(
  'import_chunks',
  {
    tenantId: tenantId(),
    importId: uuid('import_id').notNull(),
    number: integer('number').notNull(),
    /** JSON: [number of the row in the file, its cells][] */
    rows: text('rows').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.importId, t.number] })],
);

/** Why a row was not imported: one for each bad field. */
export const importErrors = schema.table(
  'import_errors',
  {
    tenantId: tenantId(),
    importId: uuid('import_id').notNull(),
    /** As a spreadsheet counts: the headers are row 1. */
    row: integer('row').notNull(),
    field: text('field').notNull(),
    code: text('code').notNull(),
    /** What the sentence of the code names: a maximum, the allowed values. */
    params: jsonb('params').$type<Record<string, unknown>>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.importId, t.row, t.field] })],
);

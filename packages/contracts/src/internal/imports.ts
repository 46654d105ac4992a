import { z } from 'zod';
import { isoTime, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** Rows of one file at most. */
export const MAX_IMPORT_ROWS = 100_000;
/** Bytes of one file. */
export const MAX_IMPORT_BYTES = 50 * 1024 * 1024;

/** What a column of a file can fill; `customFields.<key>` too. */
export const IMPORT_FIELDS = [
  'phone',
  'name',
  'firstName',
  'lastName',
  'email',
  'company',
  'city',
  'country',
  'address',
  'tags',
  'notes',
  'leadStatus',
  'leadScore',
  'ltv',
  'totalPurchases',
  'lastPurchaseAt',
  'segment',
  'optIn',
] as const;
export type ImportField = (typeof IMPORT_FIELDS)[number];

/** Begins the name of a field of the tenant's own. */
export const CUSTOM_FIELD = 'customFields.';

/** `reading`: it is being uploaded. `read`: its rows wait for an order to start. */
export const IMPORT_STATUSES = ['reading', 'read', 'queued', 'running', 'done', 'cancelled', 'failed'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

const rows = z.number().int();

export const contactImport = z
  .object({
    id: uuid(),
    status: z.enum(IMPORT_STATUSES),
    fileName: z.string(),
    format: z.enum(['csv', 'xlsx']),
    encoding: z.string().nullable().describe('Of a CSV file, as it was found'),
    separator: z.string().nullable(),
    columns: z
      .array(z.object({ header: z.string(), field: z.string().nullable().describe('null: it is left out') }))
      .describe('What each column fills'),
    onDuplicate: z.enum(['update', 'skip']),
    total: rows.describe('Rows below the headers'),
    processed: rows,
    created: rows,
    updated: rows,
    unchanged: rows.describe('With `update`: rows that tell nothing new'),
    duplicates: rows.describe('With `skip`: rows of contacts that are there'),
    invalid: rows,
    createdBy: uuid().nullable(),
    createdAt: isoTime(),
    startedAt: isoTime().nullable(),
    endedAt: isoTime().nullable(),
  })
  .meta({ id: 'ContactImport' });
export type ContactImport = z.infer<typeof contactImport>;

export const importError = z
  .object({
    row: z.number().int().describe('As a spreadsheet counts: the headers are row 1'),
    field: z.string(),
    code: z.string(),
    params: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'ImportError' });
export type ImportError = z.infer<typeof importError>;

const importId = z.strictObject({ importId: uuid() });

/** A file goes by itself: wire/imports.ts. `ownerSeenBy` decides whose imports a caller sees. */
export const importRoutes = {
  startImport: route({
    method: 'POST',
    path: '/imports/:importId/start',
    access: 'contacts.manage',
    once: { none: 'An import that was started stays so' },
    idempotent: true,
    params: importId,
    body: z.strictObject({
      mapping: z
        .record(z.string().max(1000), text(80).nullable())
        .optional()
        .describe('Header → field; null leaves a column out. Others are found by their names'),
      onDuplicate: z.enum(['update', 'skip']).default('skip'),
    }),
    responses: { 200: contactImport },
    audit: 'contact.import',
    summary: 'Import the rows of an uploaded file in the background, one file of a tenant at a time (contacts.manage)',
  }),
  listImports: route({
    method: 'GET',
    path: '/imports',
    access: 'contacts.manage',
    query: z.strictObject(walkQuery),
    responses: { 200: walked(contactImport) },
    summary: 'Imports of the last 30 days, the latest first (contacts.manage)',
  }),
  getImport: route({
    method: 'GET',
    path: '/imports/:importId',
    access: 'contacts.manage',
    params: importId,
    responses: { 200: contactImport },
    summary: 'How far an import is (contacts.manage)',
  }),
  listImportErrors: route({
    method: 'GET',
    path: '/imports/:importId/errors',
    access: 'contacts.manage',
    params: importId,
    query: z.strictObject({ ...walkQuery, limit: z.coerce.number().int().min(1).max(1000).default(20) }),
    responses: { 200: walked(importError) },
    summary: 'Why rows were not imported, in their order: one for each bad field (contacts.manage)',
  }),
  cancelImport: route({
    method: 'POST',
    path: '/imports/:importId/cancel',
    access: 'contacts.manage',
    once: { none: 'An import that was cancelled stays so' },
    idempotent: true,
    params: importId,
    responses: { 200: contactImport },
    audit: 'contact.cancel_import',
    summary: 'Stop an import: contacts that it made stay (contacts.manage)',
  }),
};

import { IMPORT_STATUSES, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';

const mapping = z
  .record(z.string().max(1000), z.string().min(1).max(80).nullable())
  .describe('Encabezado → campo (`phone`, `first_name`, `custom_fields.cargo` …); null deja fuera la columna');
const onDuplicate = z
  .enum(['update', 'skip'])
  .describe('Qué pasa con un cliente que ya existe, en cualquier forma de su teléfono');

/** The form beside its file: all texts. */
export const importForm = z.strictObject({
  mapping: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'invalid_type', expected: 'object', input: text });
        return z.NEVER;
      }
    })
    .pipe(mapping)
    .optional()
    .meta({ description: 'JSON: encabezado → campo, o null. Lo demás se reconoce por su nombre' }),
  on_duplicate: onDuplicate.default('skip'),
  preview: z.enum(['true', 'false']).default('false').describe('`true`: solo lee el archivo; se inicia con `/start`'),
});

export const startImportBody = z.strictObject({
  mapping: mapping.optional(),
  on_duplicate: onDuplicate.default('skip'),
});

export const importsQuery = z.object(pageQuery(20));
const rows = z.number().int();

export const importError = z
  .object({
    id: z.string().describe('Única en su importación'),
    row: rows.describe('Como la cuenta una hoja de cálculo: los encabezados son la fila 1'),
    field: z.string(),
    error: z.string(),
  })
  .meta({ id: 'ImportError' });

export const clientImport = z
  .object({
    id: uuid(),
    status: z.enum(IMPORT_STATUSES),
    file_name: z.string(),
    format: z.enum(['csv', 'xlsx']),
    encoding: z.string().nullable(),
    separator: z.string().nullable(),
    columns: z.array(z.object({ header: z.string(), field: z.string().nullable() })),
    on_duplicate: z.enum(['update', 'skip']),
    total: rows.describe('Filas debajo de los encabezados'),
    processed: rows,
    progress: z.number().describe('De 0 a 100'),
    imported: rows.describe('Creados y actualizados'),
    created: rows,
    updated: rows,
    skipped: rows.describe('Las demás: iguales, repetidas o inválidas'),
    unchanged: rows,
    duplicates: rows,
    invalid: rows,
    created_by: uuid().nullable(),
    created_at: isoTime(),
    started_at: isoTime().nullable(),
    finished_at: isoTime().nullable(),
  })
  .meta({ id: 'ClientImport' });

export const importResult = clientImport
  .extend({ errors: z.array(importError).describe('Los primeros 1000; todos en `/clients/imports/:id/errors`') })
  .meta({ id: 'ClientImportResult' });

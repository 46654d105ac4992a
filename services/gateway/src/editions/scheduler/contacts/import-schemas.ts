import { IMPORT_STATUSES, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';

/** The form beside its file. */
export const importForm = z.strictObject({
  on_duplicate: z
    .enum(['update', 'skip'])
    .default('skip')
    .describe('Qué pasa con un contacto propio que ya existe, en cualquier forma de su teléfono'),
});

export const importErrorsQuery = z.object(pageQuery);

const rows = z.number().int();

export const importError = z
  .object({
    id: z.string().describe('Única en su importación'),
    row: rows.describe('Los encabezados son la fila 1'),
    field: z.string(),
    error: z.string(),
  })
  .meta({ id: 'ImportError' });

export const contactImport = z
  .object({
    id: uuid(),
    status: z.enum(IMPORT_STATUSES),
    file_name: z.string(),
    on_duplicate: z.enum(['update', 'skip']),
    total: rows.describe('Filas debajo de los encabezados'),
    processed: rows,
    imported: rows.describe('Creados y actualizados'),
    created: rows,
    updated: rows,
    skipped: rows.describe('Las demás: iguales, repetidas o inválidas'),
    errors: z.array(importError).describe('Los primeros 1000'),
    created_at: isoTime(),
    finished_at: isoTime().nullable(),
  })
  .meta({ id: 'ContactImport' });

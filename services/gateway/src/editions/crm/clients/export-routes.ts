import type { Readable } from 'node:stream';
import { LEAD_STATUSES } from '@recado/contracts';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { csvOf } from '../../../exports/csv.ts';
import { XLSX_TYPE, xlsxOf } from '../../../exports/xlsx.ts';
import { type ExportPage, exportHeaders, exportRows } from './export-rows.ts';

const exportQuery = z.object({
  format: z.enum(['csv', 'xlsx', 'excel']).default('csv').describe('`excel` es `xlsx`'),
  search: z.string().trim().max(120).optional().describe('En nombre, empresa, email o teléfono'),
  lead_status: z.enum(LEAD_STATUSES).optional(),
  segment: z.string().trim().min(1).max(60).optional(),
  tag: z.string().trim().min(1).max(60).optional(),
});

export const clientExportRoutes = [
  editionRoute({
    method: 'GET',
    path: '/clients/export',
    tag: 'Clients',
    summary: 'Exportar clientes',
    description:
      'Archivo CSV en UTF-8 o XLSX, en el orden en que llegaron. Se puede importar otra vez sin cambiarlo. Queda en la auditoría quién lo descargó.',
    auth: 'bearer',
    permission: 'contacts.export',
    query: exportQuery,
    responses: { 200: z.custom<Readable>().meta({ type: 'string', format: 'binary' }) },
    contentType: 'text/csv; charset=utf-8',
    handle: async ({ query: { format, lead_status: leadStatus, ...rest }, deps, call, reply }) => {
      const { conversation } = deps.clients;
      const filter = { ...rest, leadStatus };
      const kind = format === 'csv' ? 'csv' : 'xlsx';
      const { customFields } = await conversation.startContactExport({ body: { ...filter, format: kind } }, call);
      const read = (after?: string): Promise<ExportPage> =>
        conversation.listExportedContacts({ query: { ...filter, after } }, call);
      // Before the file begins: what is wrong from the start is an error and no broken file.
      const first = await read();
      const rows = exportRows(first, read, customFields);
      const headers = exportHeaders(customFields);
      reply.header('content-disposition', `attachment; filename="clientes.${kind}"`);
      if (kind === 'csv') return csvOf(headers, rows, deps.log);
      reply.type(XLSX_TYPE);
      return xlsxOf(headers, rows, deps.log);
    },
  }),
];

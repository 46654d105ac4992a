import type { Readable } from 'node:stream';
import type { ContactImport, ImportError } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { parsePart, refuseField } from '../../../edge/validation.ts';
import { csvOf } from '../../../exports/csv.ts';
import { mappingOf } from '../../../imports/fields.ts';
import { allErrors, firstErrors, type ImportOrder, submitImport } from '../../../imports/submit.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { texts } from '../texts.ts';
import {
  clientImport,
  importError,
  importForm,
  importResult,
  importsQuery,
  startImportBody,
} from './import-schemas.ts';
import { importErrorView, importView } from './import-views.ts';

const tag = 'Clients';
const upload = importForm.extend({ file: z.string().meta({ format: 'binary' }) });

export const clientImportRoutes = [
  editionRoute({
    method: 'POST',
    path: '/clients/import',
    tag,
    summary: 'Importar clientes (CSV o XLSX)',
    description:
      'Hasta 100 000 filas y 50 MB. Codificación y separador se detectan; las columnas se reconocen por su nombre en español, portugués o inglés, y las demás pasan a campos propios. Hasta 1000 filas responde 200 con el resultado; un archivo mayor, 202: sigue en segundo plano y se consulta en `/clients/imports/:id`.',
    auth: 'bearer',
    permission: 'contacts.manage',
    upload,
    responses: { 200: importResult, 202: importResult },
    handle: async ({ request, deps, call, reply }) => {
      const one = await submitImport(request, deps, call, orderOf);
      if (!one) return refuseField('file', texts.fields.file);
      if (one.endedAt === null && one.status !== 'read') reply.code(202);
      return resultOf(deps, call, one);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/clients/imports',
    tag,
    summary: 'Listar importaciones',
    description: 'Las de los últimos 30 días, la última primero.',
    auth: 'bearer',
    permission: 'contacts.manage',
    query: importsQuery,
    responses: { 200: paged(clientImport) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.conversation.listImports({ query }, call);
      return { data: list.items.map(importView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/clients/imports/:id',
    tag,
    summary: 'Obtener importación',
    description: 'Cuánto lleva, con sus primeros errores.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    responses: { 200: importResult },
    handle: async ({ params, deps, call }) =>
      resultOf(deps, call, await deps.clients.conversation.getImport({ params: { importId: params.id } }, call)),
  }),
  editionRoute({
    method: 'GET',
    path: '/clients/imports/:id/errors',
    tag,
    summary: 'Errores de una importación',
    description: 'Por qué no se importó cada fila, en su orden: uno por campo.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    query: importsQuery,
    responses: { 200: paged(importError) },
    handle: async ({ params, query, deps, call }) => {
      const list = await deps.clients.conversation.listImportErrors({ params: { importId: params.id }, query }, call);
      return { data: list.items.map(importErrorView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/clients/imports/:id/errors/export',
    tag,
    summary: 'Exportar errores de una importación',
    description: 'Archivo CSV en UTF-8.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    responses: { 200: z.custom<Readable>().meta({ type: 'string', format: 'binary' }) },
    contentType: 'text/csv; charset=utf-8',
    handle: async ({ params, deps, call, reply }) => {
      const pages = allErrors(deps, call, params.id);
      // Before the file begins: an unknown import is a 404.
      const first = (await pages.next()).value as ImportError[];
      reply.header('content-disposition', 'attachment; filename="import-errors.csv"');
      return csvOf(['row', 'field', 'error'], errorRows(first, pages), deps.log);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/clients/imports/:id/start',
    tag,
    summary: 'Iniciar importación',
    description: 'De un archivo que se leyó con `preview`. Repetirlo no cambia nada.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    body: startImportBody,
    responses: { 202: clientImport },
    handle: async ({ params, body, deps, call }) => {
      const order = { mapping: mappingOf(body.mapping), onDuplicate: body.on_duplicate };
      return importView(
        await deps.clients.conversation.startImport({ params: { importId: params.id }, body: order }, call),
      );
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/clients/imports/:id/cancel',
    tag,
    summary: 'Cancelar importación',
    description: 'Lo que ya se importó queda.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    responses: { 200: clientImport },
    handle: async ({ params, deps, call }) =>
      importView(await deps.clients.conversation.cancelImport({ params: { importId: params.id } }, call)),
  }),
];

function orderOf(fields: Record<string, string>): ImportOrder {
  const { mapping, on_duplicate: onDuplicate, preview } = parsePart(importForm, fields, 'body', texts);
  return preview === 'true' ? null : { mapping: mappingOf(mapping), onDuplicate };
}

async function resultOf(deps: GatewayDeps, call: CallContext, one: ContactImport) {
  return { ...importView(one), errors: (await firstErrors(deps, call, one)).map(importErrorView) };
}

async function* errorRows(first: ImportError[], rest: AsyncIterable<ImportError[]>): AsyncGenerator<string[]> {
  yield* first.map(cellsOf);
  for await (const page of rest) yield* page.map(cellsOf);
}

function cellsOf(one: ImportError): string[] {
  const { row, field, error } = importErrorView(one);
  return [String(row), field, error];
}

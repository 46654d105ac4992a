import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { parsePart, refuseField } from '../../../edge/validation.ts';
import { firstErrors, submitImport } from '../../../imports/submit.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageView } from '../common/views.ts';
import { texts } from '../texts.ts';
import { contactImport, importError, importErrorsQuery, importForm } from './import-schemas.ts';
import { importErrorView, importView } from './import-views.ts';

const tag = 'Contactos';
const upload = importForm.extend({ file: z.string().meta({ format: 'binary' }) });

export const contactImportRoutes = [
  editionRoute({
    method: 'POST',
    path: '/api/contacts/import',
    tag,
    summary: 'Importar CSV/Excel',
    description:
      'Hasta 100 000 filas y 50 MB. Las columnas se reconocen por su nombre en español, portugués o inglés. Hasta 1000 filas responde 200 con el resultado; un archivo mayor, 202: sigue en segundo plano y se consulta por su id. Los contactos de otros quedan como están.',
    auth: 'bearer',
    permission: 'contacts.manage',
    upload,
    responses: { 200: contactImport, 202: contactImport },
    handle: async ({ request, deps, call, reply }) => {
      const one = await submitImport(request, deps, call, (fields) => ({
        onDuplicate: parsePart(importForm, fields, 'body', texts).on_duplicate,
      }));
      if (!one) return refuseField('file', texts.fields.file);
      if (one.endedAt === null) reply.code(202);
      return importView(one, await firstErrors(deps, call, one));
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/contacts/imports/:id',
    tag,
    summary: 'Estado de una importación',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    responses: { 200: contactImport },
    handle: async ({ params, deps, call }) => {
      const one = await deps.clients.conversation.getImport({ params: { importId: params.id } }, call);
      return importView(one, await firstErrors(deps, call, one));
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/contacts/imports/:id/errors',
    tag,
    summary: 'Errores de una importación',
    description: 'Por qué no se importó cada fila, en su orden: uno por campo.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'import',
    params: idParams,
    query: importErrorsQuery,
    responses: { 200: paged(importError) },
    handle: async ({ params, query, deps, call }) => {
      const list = await deps.clients.conversation.listImportErrors({ params: { importId: params.id }, query }, call);
      return pageView(query, list, importErrorView);
    },
  }),
];

import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { parsePart, refuseField } from '../../../edge/validation.ts';
import { readUpload } from '../../../files/read-upload.ts';
import { sendFile } from '../../../files/send-file.ts';
import { idParams } from '../common/schemas.ts';
import { texts } from '../texts.ts';
import { file, fileForm } from './schemas.ts';
import { fileView } from './views.ts';

const upload = fileForm.extend({ file: z.string().meta({ format: 'binary' }) });

export const fileRoutes = [
  editionRoute({
    method: 'POST',
    path: '/files',
    tag: 'Files',
    summary: 'Subir archivo',
    description:
      'Hasta 100 MB, dentro del espacio del plan (413). El tipo se decide por el contenido; las imágenes reciben miniatura y medidas.',
    auth: 'bearer',
    permission: 'messages.create',
    upload,
    responses: { 201: file },
    handle: async ({ request, deps, call }) => {
      const { file: stored, fields } = await readUpload(request, deps, call);
      const form = parsePart(fileForm, fields, 'body', texts);
      if (!stored) return refuseField('file', texts.fields.file);
      const kept = await deps.clients.connector.confirmFile(
        {
          params: { fileId: stored.id },
          body: { relatedType: form.related_entity_type ?? null, relatedId: form.related_entity_id ?? null },
        },
        call,
      );
      return fileView(kept, deps.mediaLinks, call.caller.tenantId);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/files/:id',
    tag: 'Files',
    summary: 'Obtener archivo',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'file',
    params: idParams,
    responses: { 200: file },
    handle: async ({ params, deps, call }) => {
      const stored = await deps.clients.connector.getFile({ params: { fileId: params.id } }, call);
      return fileView(stored, deps.mediaLinks, call.caller.tenantId);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/files/:id/download',
    tag: 'Files',
    summary: 'Descargar archivo',
    description: 'Los bytes, siempre como adjunto. Con `Range` responde 206.',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'file',
    params: idParams,
    responses: { 200: z.custom<object>().meta({ type: 'string', format: 'binary' }) },
    contentType: 'application/octet-stream',
    handle: ({ params, deps, call, request, reply }) =>
      sendFile(deps.files, { fileId: params.id, variant: 'original', as: 'attachment' }, call.caller, request, reply),
  }),
  editionRoute({
    method: 'DELETE',
    path: '/files/:id',
    tag: 'Files',
    summary: 'Eliminar archivo',
    description: 'También del almacenamiento. Un agente elimina solo los suyos.',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'file',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.connector.deleteFile({ params: { fileId: params.id } }, call);
      return null;
    },
  }),
];

import { Readable } from 'node:stream';
import {
  connectorApi,
  FILE_CONTENT_PATH,
  FILE_CONTENT_TYPE,
  FILE_NAME_HEADER,
  FILE_TYPE_HEADER,
  FILES_PATH,
  fileContentParams,
  fileContentQuery,
} from '@recado/contracts';
import { readTenant } from '@recado/database';
import { AppError, NotFound, requireCaller, requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { confirmFile } from './confirm.ts';
import { sendContent } from './content.ts';
import { deleteFile } from './erase.ts';
import { selectFile } from './store.ts';
import { uploadFile } from './upload.ts';
import { viewFile } from './views.ts';

export function fileRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, connectorApi.confirmFile, async ({ origin, params, body }) => {
    return confirmFile(deps, origin, params.fileId, body);
  });

  serve(app, connectorApi.getFile, async ({ caller, params }) => {
    const [[row]] = await readTenant(deps.db, caller.tenantId, (tx) => [
      selectFile(tx, caller.tenantId, params.fileId),
    ]);
    if (!row) throw new NotFound('file', params.fileId);
    return viewFile(row);
  });

  serve(app, connectorApi.deleteFile, async ({ caller, origin, params }) => {
    await deleteFile(deps, caller, origin, params.fileId);
  });

  byteRoutes(app, deps);
}

/** Bytes in and out: streams, so no contract of JSON describes them. */
function byteRoutes(app: FastifyInstance, deps: Deps): void {
  app.addContentTypeParser(FILE_CONTENT_TYPE, (_request, payload, done) => done(null, payload));
  app.route({
    method: 'POST',
    url: FILES_PATH,
    onRequest: async (request) => requirePermission(requireCaller(request), 'messages.create'),
    handler: async (request, reply) => {
      if (!(request.body instanceof Readable)) {
        throw new AppError('unsupported_media_type', `Expected ${FILE_CONTENT_TYPE}`);
      }
      const about = { name: headerOf(request, FILE_NAME_HEADER), type: headerOf(request, FILE_TYPE_HEADER) };
      return reply.code(201).send(await uploadFile(deps, request.caller!, request.body, about));
    },
  });
  app.route({
    method: 'GET',
    url: FILE_CONTENT_PATH,
    schema: { params: fileContentParams, querystring: fileContentQuery },
    onRequest: async (request) => requirePermission(requireCaller(request), 'messages.read'),
    handler: async (request, reply) => {
      const { fileId } = fileContentParams.parse(request.params);
      const query = fileContentQuery.parse(request.query);
      return sendContent(deps, { tenantId: request.caller!.tenantId, fileId, ...query }, request, reply);
    },
  });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (typeof value !== 'string') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

import { Readable } from 'node:stream';
import { conversationApi, FILE_CONTENT_TYPE, FILE_NAME_HEADER, IMPORTS_PATH } from '@recado/contracts';
import { AppError, contextOf, originOf, requireCaller, requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { cancelImport } from './cancel.ts';
import { getImport, listImportErrors, listImports } from './list.ts';
import { startImport } from './start.ts';
import { uploadImport } from './upload.ts';

export function importRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.startImport, async ({ caller, origin, params, body }) =>
    startImport(deps, caller, origin, params.importId, body),
  );
  serve(app, conversationApi.listImports, async ({ caller, query }) => listImports(deps.db, caller, query));
  serve(app, conversationApi.getImport, async ({ caller, params }) => getImport(deps.db, caller, params.importId));
  serve(app, conversationApi.listImportErrors, async ({ caller, params, query }) =>
    listImportErrors(deps.db, caller, params.importId, query),
  );
  serve(app, conversationApi.cancelImport, async ({ caller, origin, params }) =>
    cancelImport(deps, caller, origin, params.importId),
  );

  // Bytes: no contract of JSON describes them.
  app.addContentTypeParser(FILE_CONTENT_TYPE, (_request, payload, done) => done(null, payload));
  app.route({
    method: 'POST',
    url: IMPORTS_PATH,
    onRequest: async (request) => requirePermission(requireCaller(request), 'contacts.manage'),
    handler: async (request, reply) => {
      if (!(request.body instanceof Readable)) {
        throw new AppError('unsupported_media_type', `Expected ${FILE_CONTENT_TYPE}`);
      }
      const caller = requireCaller(request);
      return reply
        .code(201)
        .send(await uploadImport(deps, caller, originOf(contextOf(request)), request.body, nameOf(request)));
    },
  });
}

function nameOf({ headers }: FastifyRequest): string | undefined {
  const value = headers[FILE_NAME_HEADER];
  if (typeof value !== 'string') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

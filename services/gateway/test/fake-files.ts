import {
  FILE_CONTENT_PATH,
  FILE_CONTENT_TYPE,
  FILE_NAME_HEADER,
  FILES_PATH,
  type StoredFile,
  uuidv7,
} from '@recado/contracts';
import { AppError, NotFound, requireCaller } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { NOW } from './samples.ts';

export const file: StoredFile = {
  id: uuidv7(),
  name: 'imagen.jpg',
  type: 'image/jpeg',
  size: 10,
  sha256: 'ab',
  width: 1920,
  height: 1080,
  variants: ['original', 'thumbnail'],
  state: 'ready',
  error: null,
  source: 'upload',
  relatedType: null,
  relatedId: null,
  createdBy: null,
  createdAt: NOW,
};

/** The name of a file that the connector has no room for. */
export const TOO_MUCH = 'too-much.bin';

/** The connector's bytes: an upload answers its size, a download has ten bytes. */
export function serveFiles(app: FastifyInstance): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(FILE_CONTENT_TYPE, (_request, payload, done) => done(null, payload));
    scope.post(FILES_PATH, async (request, reply) => {
      requireCaller(request);
      const name = decodeURIComponent(String(request.headers[FILE_NAME_HEADER]));
      if (name === TOO_MUCH) throw new AppError('payload_too_large', 'No room');
      let size = 0;
      for await (const chunk of request.body as AsyncIterable<Buffer>) size += chunk.length;
      return reply.code(201).send({ ...file, name, size, state: 'uploaded' });
    });
    scope.get<{ Params: { fileId: string } }>(FILE_CONTENT_PATH, async (request, reply) => {
      const caller = requireCaller(request);
      if (request.params.fileId !== file.id) throw new NotFound('file');
      const part = request.headers.range === 'bytes=2-4';
      return reply
        .code(part ? 206 : 200)
        .headers({ 'content-type': 'text/plain; charset=utf-8', 'content-disposition': 'inline; filename="a"' })
        .headers({ ...(part ? { 'content-range': 'bytes 2-4/10' } : {}), 'x-inside': caller.tenantId })
        .send(part ? '234' : '0123456789');
    });
  });
}

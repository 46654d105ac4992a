import type { FastifyInstance } from 'fastify';
import { hang, reset } from '../faults.ts';
import type { SandboxParts } from '../parts.ts';

/** `POST /receivers/:name`: takes webhooks of Recado, and answers as it was told to. */
export const receiverRoutes = (parts: SandboxParts) => async (app: FastifyInstance) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post<{ Params: { name: string }; Body: string }>('/:name', async (request, reply) => {
    const { name } = request.params;
    const { status, headers, body, delayMs, fault } = parts.receivers.next(name);
    const answers = fault === 'none' || fault === 'drip';
    parts.receivers.keep(name, {
      at: new Date().toISOString(),
      headers: request.headers as Record<string, string>,
      body: request.body,
      status: answers ? status : null,
    });
    await parts.pauses.sleep(delayMs);
    if (fault === 'hang') return hang(reply);
    if (fault === 'reset') return reset(reply);
    if (fault === 'drip') {
      reply.hijack();
      reply.raw.writeHead(status, headers);
      reply.raw.write(body);
      return reply;
    }
    return reply.status(status).headers(headers).send(body);
  });
};

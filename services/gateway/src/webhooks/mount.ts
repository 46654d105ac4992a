import { AppError, NotFound, Unauthorized, Unavailable } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import type { Edition, WebhookRoute } from '../edge/edition.ts';
import { sendError } from '../edge/errors.ts';

/** Meta's largest known payloads are below it. */
const BODY_LIMIT = 1024 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** A SHA-256 in hex with its prefix has 71 characters. */
const MAX_SIGNATURE = 128;

/**
 * Serves one Meta webhook path: raw bytes in, the collector's status out. A scope of its own without hooks: no token, no parsing, no log line.
 * The signature is checked by the connector, which holds the app secret.
 */
export function mountMetaWebhook(
  app: FastifyInstance,
  edition: Edition,
  webhook: WebhookRoute,
  deps: GatewayDeps,
): void {
  const { collector, counters } = deps.webhooks;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/,
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    );
    scope.setErrorHandler((error, request, reply) => sendError(edition, error, request, reply, deps.log));
    const param = webhook.channelParam;

    scope.post(edition.prefix + webhook.path, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const channelId = param === null ? null : (request.params as Record<string, string>)[param]!.toLowerCase();
      if (channelId !== null && !UUID.test(channelId)) throw new NotFound('channel');
      const { body } = request;
      if (!(body instanceof Uint8Array) || body.length === 0) throw new AppError('malformed_json', 'The body is empty');
      const header = request.headers['x-hub-signature-256'];
      // Without a signature there is nothing for the connector to find out.
      if (typeof header !== 'string' || header === '' || header.length > MAX_SIGNATURE) {
        throw new Unauthorized('A signature is required', 'invalid_signature');
      }
      const status = await collector.deliver({ channelId, signature: header, body });
      counters.accepted(status);
      if (status !== 200) throw refusal(status);
      reply.header('content-type', 'text/plain; charset=utf-8');
      return 'EVENT_RECEIVED';
    });
  });
}

function refusal(status: number): AppError {
  switch (status) {
    case 400:
      return new AppError('malformed_json', 'The body is not valid');
    case 401:
      return new Unauthorized('The signature is not valid', 'invalid_signature');
    case 404:
      return new NotFound('channel');
    case 413:
      return new AppError('payload_too_large', 'The body is too large');
    default:
      return new Unavailable('channel-connector');
  }
}

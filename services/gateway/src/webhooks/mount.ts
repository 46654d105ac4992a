import { AppError, NotFound, TooManyRequests, Unauthorized } from '@recado/service-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import { describeWebhook } from '../edge/describe.ts';
import type { Edition, WebhookRoute } from '../edge/edition.ts';
import { sendError } from '../edge/errors.ts';
import { addressKey } from '../limits/address.ts';
import { BODY_LIMIT, JSON_TYPE, proofIn, RECEIVED, RECEIVED_TYPE, refusal, UUID } from './answers.ts';

/**
 * Serves one webhook path in a scope without hooks: raw bytes in, the collector's status out. The
 * connector checks the signature. Ordinary requests go through serve-directly.ts instead.
 */
export function mountWebhook(app: FastifyInstance, edition: Edition, webhook: WebhookRoute, deps: GatewayDeps): void {
  const { collector, counters } = deps.webhooks;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => sendError(edition, error, request, reply, deps.log));
    const { provider, proof, channelParam: param } = webhook;

    // Before the body is read: a sender without a proof is not listened to.
    const onRequest = async (request: FastifyRequest) => {
      if (proofIn(request.headers, request.url, proof) === null) {
        throw new Unauthorized('A signature is required', 'invalid_signature');
      }
    };
    scope.post(
      edition.prefix + webhook.path,
      { bodyLimit: BODY_LIMIT, onRequest, config: { described: describeWebhook(webhook) } },
      async (request, reply) => {
        const channelId = param === null ? null : (request.params as Record<string, string>)[param]!.toLowerCase();
        if (channelId !== null && !UUID.test(channelId)) throw new NotFound('channel');
        const { body } = request;
        if (!(body instanceof Uint8Array) || body.length === 0)
          throw new AppError('malformed_json', 'The body is empty');
        const headers = { [proof.name]: proofIn(request.headers, request.url, proof)! };
        const frame = { provider, channelId, headers, body };
        const status = await collector.deliver(frame, addressKey(request.ip)).catch((error) => {
          if (error instanceof TooManyRequests) counters.accepted(error.status);
          throw error;
        });
        counters.accepted(status);
        if (status !== 200) throw refusal(status);
        reply.header('content-type', RECEIVED_TYPE);
        return RECEIVED;
      },
    );
  });
}

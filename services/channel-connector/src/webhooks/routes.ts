import {
  decodeFrames,
  encodeRetryAfter,
  encodeStatuses,
  FRAMES_CONTENT_TYPE,
  FRAMES_DEFER_HEADER,
  FRAMES_MAX_BYTES,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
} from '@recado/contracts';
import { AppError, requireCaller } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { selectChannelsOfAccount } from '../templates/accounts.ts';
import { type AcceptDeps, acceptFrames } from './accept.ts';
import { createLearnAccount } from './learn-account.ts';
import { createTellLimited } from './tell-limited.ts';

/** `POST FRAMES_PATH`: raw webhooks from the gateway, many in one request, unchanged. */
export function webhookRoutes(app: FastifyInstance, deps: Deps): void {
  const accept: AcceptDeps = {
    ...deps,
    tellLimited: createTellLimited(deps),
    learnAccount: createLearnAccount(deps),
    channelsOfAccounts: (provider, accountIds) => selectChannelsOfAccount(deps.workerDb.sql, provider, accountIds),
  };
  app.addContentTypeParser(
    FRAMES_CONTENT_TYPE,
    { parseAs: 'buffer', bodyLimit: FRAMES_MAX_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.route({
    method: 'POST',
    url: FRAMES_PATH,
    bodyLimit: FRAMES_MAX_BYTES,
    config: { quiet: true },
    onRequest: async (request) => void requireCaller(request),
    handler: async (request, reply) => {
      if (!Buffer.isBuffer(request.body))
        throw new AppError('unsupported_media_type', `Expected ${FRAMES_CONTENT_TYPE}`);
      const deferUnknown = request.headers[FRAMES_DEFER_HEADER] !== undefined;
      const { traceparent } = request;
      const frames = decode(request.body);
      const { statuses, retryAfter } = await acceptFrames(accept, frames, { traceparent, deferUnknown });
      if (retryAfter.size > 0) reply.header(FRAMES_RETRY_HEADER, encodeRetryAfter(retryAfter));
      return reply.type('application/octet-stream').send(Buffer.from(encodeStatuses(statuses)));
    },
  });
}

function decode(body: Buffer) {
  try {
    return decodeFrames(body);
  } catch (error) {
    throw new AppError('bad_request', error instanceof RangeError ? error.message : 'Bad frames');
  }
}

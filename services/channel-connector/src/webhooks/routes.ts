import {
  decodeFrames,
  encodeRetryAfter,
  encodeStatuses,
  FRAMES_CONTENT_TYPE,
  FRAMES_DEFER_HEADER,
  FRAMES_IN_PARTS_HEADER,
  FRAMES_MAX_BYTES,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
  type WebhookFrame,
} from '@recado/contracts';
import { AppError, requireCaller } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import type { Provider } from '../providers/provider.ts';
import { selectChannelsOfAccount } from '../templates/accounts/accounts.ts';
import { type AcceptDeps, acceptFrames } from './accept.ts';
import { createLearnAccount } from './learn-account.ts';
import { createWebhookSpool } from './spool.ts';
import { createTellLimited } from './tell-limited.ts';

/** `POST FRAMES_PATH`: raw webhooks from the gateway, many in one request, unchanged. */
export function webhookRoutes(app: FastifyInstance, deps: Deps): void {
  const accept: AcceptDeps = {
    ...deps,
    tellLimited: createTellLimited(deps),
    learnAccount: createLearnAccount(deps),
    channelsOfAccounts: (provider, accountIds) => selectChannelsOfAccount(deps.workerDb.sql, provider, accountIds),
  };
  const { config, storage, providers, metrics, directory } = deps;
  const spool = createWebhookSpool({
    folder: `${config.RECADO_MEDIA_SPOOL ?? storage.spool}-webhooks`,
    log: deps.log,
    accept: async (frames) => (await acceptFrames(accept, frames)).statuses,
    onParked: () => metrics.parked.inc(),
  });
  app.addHook('onClose', () => spool.stop());
  /** What its server sends once is kept on disk while it cannot be stored, or is beyond a limit. */
  const keepUnstored = (frames: readonly WebhookFrame[], statuses: readonly number[]) =>
    Promise.all(
      statuses.map(async (status, i) => {
        const frame = frames[i]!;
        const provider = providers.get(frame.provider);
        const limited = status === 429;
        if ((status < 500 && !limited) || !provider?.sendsOnce) return status;
        const proved = isProved(directory, provider, frame);
        if (proved === false || !(await spool.keep(frame, proved === true, limited))) {
          metrics.lost.inc();
          return status;
        }
        metrics.spooled.inc();
        return 200;
      }),
    );
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
      const inParts = request.headers[FRAMES_IN_PARTS_HEADER] !== undefined;
      const { traceparent } = request;
      const frames = decode(request.body);
      const { statuses: found, retryAfter } = await acceptFrames(accept, frames, {
        traceparent,
        deferUnknown,
        inParts,
      });
      const statuses = found.some((status) => status >= 500 || status === 429)
        ? await keepUnstored(frames, found)
        : found;
      if (retryAfter.size > 0) reply.header(FRAMES_RETRY_HEADER, encodeRetryAfter(retryAfter));
      return reply.type('application/octet-stream').send(Buffer.from(encodeStatuses(statuses)));
    },
  });
}

/** Whether a webhook has its channel's secret; null: that is not known without the database. */
function isProved(
  directory: Pick<Deps['directory'], 'lastKnown'>,
  provider: Provider,
  frame: WebhookFrame,
): boolean | null {
  const channel = frame.channelId === null ? null : directory.lastKnown(frame.channelId);
  if (!channel) return null;
  return channel.provider === provider && provider.verifyWebhook(frame, [channel.account])[0] === true;
}

function decode(body: Buffer) {
  try {
    return decodeFrames(body);
  } catch (error) {
    throw new AppError('bad_request', error instanceof RangeError ? error.message : 'Bad frames');
  }
}

import {
  connectorApi,
  decodeFrames,
  encodeStatuses,
  FRAMES_CONTENT_TYPE,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
} from '@recado/contracts';
import { AppError, Conflict, NotFound, requireCaller, serve, ValidationFailed } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { FakeServices } from './fake-state.ts';
import { channel, NOW } from './samples.ts';

/** Of channel-connector: what tests of the editions look at. */
export function serveConnector(app: FastifyInstance, it: FakeServices): void {
  serve(app, connectorApi.createChannel, async ({ body }) => {
    if (body.phone?.startsWith('+999')) {
      throw new ValidationFailed([
        { field: 'phone', message: 'Invalid phone number', code: 'phone' },
        { field: 'name', message: 'Something only a service knows' },
        { field: 'ratePerMinute', message: 'Too big', code: 'too_big', params: { origin: 'number', maximum: 60 } },
      ]);
    }
    return { ...channel, name: body.name, phone: body.phone };
  });
  serve(app, connectorApi.listChannels, async ({ query }) => {
    const items = !query.ids || query.ids.includes(channel.id) ? [channel] : [];
    return { items, total: items.length };
  });
  const known = (id: string) => {
    if (id !== channel.id) throw new NotFound('channel', id);
    return channel;
  };
  serve(app, connectorApi.disconnectChannel, async ({ params }) => ({
    ...known(params.channelId),
    status: 'disconnected' as const,
    health: { ...channel.health!, ok: false },
  }));
  serve(app, connectorApi.updateChannel, async ({ params, body: { credentials, ...patch } }) => {
    known(params.channelId);
    if (credentials?.accessToken === 'mistyped') {
      throw new ValidationFailed([{ field: 'credentials', message: 'Refused', code: 'credentials' }]);
    }
    return { ...channel, ...patch } as typeof channel;
  });
  serve(app, connectorApi.requestNumberCode, async ({ params, body }) => {
    known(params.channelId);
    if (body.method === 'sms') throw new Conflict('Verified', 'number_verified');
    return { sent: true as const };
  });
  serve(app, connectorApi.verifyNumber, async ({ params, body }) => {
    if (body.code === '000000') {
      throw new ValidationFailed([{ field: 'code', message: 'Wrong code', code: 'wrong_code' }]);
    }
    return known(params.channelId);
  });
  serve(app, connectorApi.getQueue, async () => ({
    waiting: 5,
    active: 2,
    delayed: 0,
    completed: 1523,
    failed: 7,
    paused: false,
    resting: [{ channelId: channel.id, until: NOW, reason: 'No answer within 10000 ms' }],
  }));
  serve(app, connectorApi.getDispatch, async ({ params }) => {
    const error = { code: '131016', message: 'Away' };
    const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();
    return {
      messageId: params.messageId,
      channelId: channel.id,
      state: 'sent' as const,
      queuedAt: at(5),
      dueAt: null,
      error: null,
      attempts: [
        { number: 1, startedAt: at(10), endedAt: at(50), result: 'retry' as const, providerMessageId: null, error },
        {
          number: 2,
          startedAt: at(90),
          endedAt: at(99),
          result: 'sent' as const,
          providerMessageId: 'wamid.1',
          error: null,
        },
      ],
    };
  });
  serve(app, connectorApi.countChannels, async () => ({ total: 2, connected: 1 }));
  serve(app, connectorApi.verifyWebhook, async ({ query }) => {
    if (query.verifyToken !== 'mi_token') throw new AppError('forbidden', 'Wrong token');
    return { ok: true as const };
  });
  app.register(async (scope) => {
    scope.addContentTypeParser(FRAMES_CONTENT_TYPE, { parseAs: 'buffer', bodyLimit: 32 << 20 }, (_r, body, done) =>
      done(null, body),
    );
    scope.post(FRAMES_PATH, { bodyLimit: 32 << 20 }, async (request, reply) => {
      requireCaller(request);
      const frames = decodeFrames(request.body as Uint8Array);
      it.batches.push(frames);
      await it.beforeFrames();
      if (it.framesRetryAfter !== null) reply.header(FRAMES_RETRY_HEADER, it.framesRetryAfter);
      return reply.type('application/octet-stream').send(encodeStatuses(frames.map((frame) => it.frameStatus(frame))));
    });
  });
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { connectorApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { type Caller, Forbidden, isAllowed, NotFound, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import type { Provider } from '../providers/provider.ts';
import { eventsOfChannel } from '../webhook-endpoints/rules.ts';
import { getOwn } from './answer.ts';
import { measureHealth } from './checks/health.ts';
import { createChannel } from './create.ts';
import { disconnectChannel } from './linking/disconnect.ts';
import { getLinkCode } from './linking/link-code.ts';
import { reconnectChannel } from './linking/reconnect.ts';
import { requestNumberCode } from './numbers/request-code.ts';
import { hasVerifyToken } from './numbers/sealed-store.ts';
import { verifyNumber } from './numbers/verify-number.ts';
import { digestsOf } from './numbers/verify-token.ts';
import { removeChannel } from './remove.ts';
import { countChannels, selectChannels } from './store.ts';
import { updateChannel } from './update.ts';
import { viewChannel } from './views.ts';

export function channelRoutes(app: FastifyInstance, deps: Deps): void {
  const { db, directory } = deps;

  serve(app, connectorApi.createChannel, async ({ caller, origin, body }) =>
    createChannel(deps, origin, body, eventsOfChannel(caller)),
  );

  serve(app, connectorApi.countChannels, async ({ caller }) => {
    const [[all], [connected]] = await readTenant(db, caller.tenantId, (tx) => [
      countChannels(tx, caller.tenantId, {}),
      countChannels(tx, caller.tenantId, { status: 'connected' }),
    ]);
    return { total: all!.total, connected: connected!.total };
  });

  serve(app, connectorApi.listChannels, async ({ caller, query }) => {
    const { limit, after = null, ...filter } = query;
    const [rows, [count]] = await readTenant(db, caller.tenantId, (tx) => [
      selectChannels(tx, caller.tenantId, filter, after, limit),
      countChannels(tx, caller.tenantId, filter),
    ]);
    const how = { mayLink: mayLink(caller) };
    return { items: rows.map((row) => viewChannel(row, how)), total: count!.total };
  });

  serve(app, connectorApi.getChannel, async ({ caller, params }) =>
    getOwn(deps, caller.tenantId, params.channelId, { mayLink: mayLink(caller) }),
  );

  serve(app, connectorApi.getChannelHealth, async ({ caller, params }) =>
    measureHealth(deps, caller.tenantId, params.channelId),
  );

  serve(app, connectorApi.getLinkCode, async ({ caller, params }) =>
    getLinkCode(deps, caller.tenantId, params.channelId),
  );

  serve(app, connectorApi.updateChannel, async ({ caller, origin, params, body }) =>
    updateChannel(deps, origin, params.channelId, body, eventsOfChannel(caller)),
  );

  serve(app, connectorApi.disconnectChannel, async ({ origin, params }) =>
    disconnectChannel(deps, origin, params.channelId),
  );

  serve(app, connectorApi.reconnectChannel, async ({ origin, params, query }) =>
    reconnectChannel(deps, origin, params.channelId, query),
  );

  serve(app, connectorApi.requestNumberCode, async ({ origin, params, body }) =>
    requestNumberCode(deps, origin, params.channelId, body),
  );

  serve(app, connectorApi.verifyNumber, async ({ origin, params, body }) =>
    verifyNumber(deps, origin, params.channelId, body),
  );

  serve(app, connectorApi.removeChannel, async ({ origin, params }) => {
    await removeChannel(deps, origin, params.channelId);
  });

  serve(app, connectorApi.listProviders, async () => ({
    items: [...deps.providers.values()].map(({ name, capabilities, linking }) => ({
      name,
      capabilities: { ...shown(capabilities), links: linking !== undefined, hosted: linking?.host('any') != null },
    })),
  }));

  serve(app, connectorApi.verifyWebhook, async ({ params, query }) => {
    const { channelId, mode, verifyToken } = query;
    const provider = deps.providers.get(params.provider);
    if (!provider?.handshake) throw new NotFound('provider', params.provider);
    if (mode !== 'subscribe') throw new Forbidden('Wrong mode');
    const given = verifyToken ?? '';
    if (channelId) {
      const channel = await directory.find(`id:${channelId}`);
      if (channel?.provider !== provider) throw new NotFound('channel', channelId);
      if (!same(given, provider.handshake.tokenOf(channel.account))) throw new Forbidden('Wrong verify token');
    } else if (!(await isKnownToken(deps, provider, given))) throw new Forbidden('Wrong verify token');
    return { ok: true as const };
  });
}

const mayLink = (caller: Caller): boolean => isAllowed(caller, { permissions: ['whatsapp.numbers.manage'] });

/**
 * Without a channel in the path the token is the installation's, or that of a channel of any
 * tenant.
 */
async function isKnownToken({ workerDb, sealer }: Deps, { name, handshake }: Provider, token: string) {
  const installation = handshake?.installationToken ?? null;
  if (installation !== null && same(token, installation)) return true;
  return hasVerifyToken(workerDb.sql, name, digestsOf(sealer, token));
}

/** What other services may know; the pace is our own affair. */
const shown = ({
  messagesPerSecond: _,
  groupReceipts: __,
  recipientPace: ___,
  ...capabilities
}: Provider['capabilities']) => ({
  ...capabilities,
  kinds: [...capabilities.kinds],
});

/** Equal texts, compared in constant time by their digests. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

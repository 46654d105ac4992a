import type { User } from '@recado/contracts';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { asGateway } from '../../../hydration/as-gateway.ts';
import { envelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { lastDays, lastSecond, seconds } from './days.ts';
import { dashboard, tenant, tenantUser, updateTenantBody, usage, usersEnvelope, usersQuery } from './schemas.ts';
import { tenantUserView, tenantView, usageView } from './views.ts';

/** Days the dashboard's chart shows. */
const CHART_DAYS = 30;

const DIRECTIONS = { messages_received: 'inbound', messages_sent: 'outbound' } as const;

export const tenantRoutes = [
  editionRoute({
    method: 'GET',
    path: '/tenant',
    tag: 'Tenant',
    summary: 'Información del tenant actual',
    auth: 'bearer',
    permission: 'tenant.read',
    responses: { 200: envelope(tenant) },
    handle: async ({ deps, call }) => ({
      message: SUCCESS.tenant,
      data: tenantView(await deps.clients.identity.getTenant({}, call)),
    }),
  }),
  editionRoute({
    method: 'PUT',
    path: '/tenant',
    tag: 'Tenant',
    summary: 'Actualizar información del tenant',
    description: 'Cambia lo que se envía; el resto queda como está.',
    auth: 'bearer',
    permission: 'tenant.update',
    fields: { timezone: 'settings.timezone', country: 'settings.country', language: 'settings.language' },
    body: updateTenantBody,
    responses: { 200: envelope(tenant) },
    handle: async ({ body, deps, call }) => {
      const { timezone, country, language, ...settings } = body.settings ?? {};
      const changes = { name: body.name, timezone, country, language };
      const more = Object.keys(settings).length > 0 ? { settings } : {};
      const changed = await deps.clients.identity.updateTenant({ body: { ...changes, ...more } }, call);
      return { message: SUCCESS.tenantUpdated, data: tenantView(changed) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/tenant/usage',
    tag: 'Tenant',
    summary: 'Estadísticas de uso actuales vs límites',
    auth: 'bearer',
    permission: 'tenant.read',
    responses: { 200: envelope(usage) },
    handle: async ({ deps, call }) => {
      const [current, counts] = await Promise.all([deps.clients.identity.getTenant({}, call), countAll(deps, call)]);
      const { users, channels, usage } = counts;
      const { messages, openConversations: conversations, openConversationsIsCapped: isCapped, period } = usage;
      const shown = { start: seconds(new Date(period.start)), end: lastSecond(period.end) };
      return {
        message: SUCCESS.usage,
        data: usageView(current, { users, instances: channels.total, messages, conversations, isCapped }, shown),
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/tenant/users',
    tag: 'Tenant',
    summary: 'Listar usuarios del tenant',
    description: 'Todos; con `page`, `limit` o `cursor`, una página de ellos.',
    auth: 'bearer',
    permission: 'users.read',
    query: usersQuery,
    responses: { 200: usersEnvelope(tenantUser) },
    handle: async ({ query, deps, call }) => {
      const paged = Object.values(query).some((value) => value !== undefined);
      const { items, nextCursor } = paged
        ? await deps.clients.identity.listUsers({ query }, call)
        : { items: await allUsers(deps, call), nextCursor: null };
      return {
        message: SUCCESS.users,
        data: items.map(tenantUserView),
        nextCursor: nextCursor ?? null,
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/tenant/dashboard',
    tag: 'Tenant',
    summary: 'Métricas para dashboard principal',
    description: `La gráfica cuenta los mensajes de los últimos ${CHART_DAYS} días.`,
    auth: 'bearer',
    permission: 'analytics.read',
    responses: { 200: envelope(dashboard) },
    handle: async ({ deps, call }) => {
      const [{ users, channels, usage }, messageChart] = await Promise.all([countAll(deps, call), chartOf(deps, call)]);
      const overview = {
        totalUsers: users,
        totalInstances: channels.total,
        connectedInstances: channels.connected,
        totalMessages: usage.messages,
        activeConversations: usage.openConversations,
        ...(usage.openConversationsIsCapped && { activeConversationsIsCapped: true as const }),
      };
      return { message: SUCCESS.dashboard, data: { overview, messageChart } };
    },
  }),
];

/** What each service counts of the tenant; sums alone, so the route's permission is enough. */
async function countAll({ clients }: GatewayDeps, call: CallContext) {
  const own = asGateway(call);
  const [{ total: users }, channels, usage] = await Promise.all([
    clients.identity.listUsers({ query: { limit: 1 } }, own),
    clients.connector.countChannels({}, own),
    clients.conversation.getUsage({}, own),
  ]);
  return { users, channels, usage };
}

/** A day without messages is a 0: a chart with gaps draws a line that isn't there. */
async function chartOf({ clients, directory }: GatewayDeps, call: CallContext) {
  const { timezone } = await directory.tenant(call);
  const days = lastDays(CHART_DAYS, timezone);
  const query = { from: days[0]!, to: days.at(-1)! };
  const { items } = await clients.analytics.listDailyCounts({ query }, call);
  const counted = new Map(items.map(({ day, metric, value }) => [`${day} ${metric}`, value]));
  return days.flatMap((date) =>
    Object.entries(DIRECTIONS).map(([metric, direction]) => ({
      date,
      count: counted.get(`${date} ${metric}`) ?? 0,
      direction,
    })),
  );
}

/** The services give a hundred at a time. */
const PAGE = 100;

type UserPage = Awaited<ReturnType<GatewayDeps['clients']['identity']['listUsers']>>;

async function allUsers({ clients }: GatewayDeps, call: CallContext): Promise<User[]> {
  const all: User[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: UserPage = await clients.identity.listUsers({ query: { limit: PAGE, cursor } }, call);
    all.push(...items);
    cursor = nextCursor ?? undefined;
  } while (cursor);
  return all;
}

import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { createdBetween } from '../common/dates.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { answersQuery, settings, settingsBody, settingsQuery, summary, summaryQuery, survey } from './schemas.ts';
import { settingsInside, settingsView, summaryView, surveyView } from './views.ts';

const surveys = { tag: 'Surveys', auth: 'bearer' } as const;
const OWN = 'Sin el permiso `analytics.read`, solo las de los propios chats.';
const DAYS_30 = 30 * 24 * 3_600_000;
/** A field's name inside, as this edition spells it. */
const FIELDS = { from: 'from_date', to: 'to_date' };

/** What customers say of closed chats, beyond the document. */
export const surveyRoutes = [
  editionRoute({
    ...surveys,
    method: 'GET',
    path: '/surveys/settings',
    summary: 'Obtener configuración de encuestas',
    permission: 'tenant.read',
    query: settingsQuery,
    responses: { 200: settings },
    handle: async ({ query, deps, call }) =>
      settingsView(
        await deps.clients.conversation.getSurveySettings({ query: { campaignId: query.campaign_id } }, call),
      ),
  }),
  editionRoute({
    ...surveys,
    method: 'PUT',
    path: '/surveys/settings',
    summary: 'Configurar encuestas',
    description: 'De la empresa, o de una campaña con `campaign_id`. Lo que no se envía vuelve a su valor inicial.',
    permission: 'tenant.update',
    body: settingsBody,
    responses: { 200: settings },
    handle: async ({ body, deps, call }) => {
      const input = { campaignId: body.campaign_id, settings: settingsInside(body) };
      return settingsView(await deps.clients.conversation.setSurveySettings({ body: input }, call));
    },
  }),
  editionRoute({
    ...surveys,
    method: 'DELETE',
    path: '/surveys/settings/campaigns/:id',
    summary: 'Quitar la configuración de una campaña',
    description: 'La campaña vuelve a preguntar como la empresa.',
    permission: 'tenant.update',
    entity: 'campaign',
    params: idParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) =>
      deps.clients.conversation.deleteSurveySettings({ params: { campaignId: params.id } }, call),
  }),
  editionRoute({
    ...surveys,
    method: 'GET',
    path: '/surveys/answers',
    summary: 'Listar respuestas de encuestas',
    description: `Primero la del último chat cerrado. ${OWN}`,
    permission: 'chats.read',
    query: answersQuery,
    responses: { 200: paged(survey) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, score } = query;
      const filter = { userId: query.agent_id, contactId: query.client_id, ...filterOf(query) };
      const between = await createdBetween(deps, call, query);
      const list = await deps.clients.conversation.listSurveys(
        { query: { page, limit, cursor, status, score, ...filter, ...between } },
        call,
      );
      const [users, channels, campaigns] = await Promise.all([
        deps.directory.users(
          call,
          list.items.map(({ userId }) => userId),
        ),
        deps.directory.channels(
          call,
          list.items.map(({ channelId }) => channelId),
        ),
        deps.directory.campaigns(
          call,
          list.items.map(({ campaignId }) => campaignId),
        ),
      ]);
      const names = { users, channels, campaigns };
      return { data: list.items.map((item) => surveyView(item, names)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...surveys,
    method: 'GET',
    path: '/surveys/summary',
    summary: 'Resumen de satisfacción',
    description: `Promedio, distribución y tasa de respuesta, en total y por agente. ${OWN}`,
    permission: 'chats.read',
    fields: FIELDS,
    query: summaryQuery,
    responses: { 200: summary },
    handle: async ({ query, deps, call }) => {
      const { from, to = new Date().toISOString() } = await createdBetween(deps, call, query);
      const period = { from: from ?? new Date(Date.parse(to) - DAYS_30).toISOString(), to };
      const input = { query: { userId: query.agent_id, ...filterOf(query), ...period } };
      const found = await deps.clients.conversation.summarizeSurveys(input, call);
      const users = await deps.directory.users(
        call,
        found.agents.map(({ userId }) => userId),
      );
      return summaryView(found, period, users);
    },
  }),
];

const filterOf = (query: Pick<z.output<typeof summaryQuery>, 'campaign_id' | 'whatsapp_number_id' | 'handled_by'>) => ({
  campaignId: query.campaign_id,
  channelId: query.whatsapp_number_id,
  handledBy: query.handled_by,
});

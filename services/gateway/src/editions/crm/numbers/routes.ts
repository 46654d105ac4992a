import type { CampaignName, Channel } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { allChannels } from '../../../hydration/all-channels.ts';
import { idParams } from '../common/schemas.ts';
import { snakeCase } from '../common/snake-case.ts';
import { SUCCESS } from '../texts.ts';
import {
  codeSent,
  createdNumber,
  createNumberBody,
  number,
  numberQr,
  numberState,
  numbersQuery,
  requestCodeBody,
  updateNumberBody,
  verifyCodeBody,
} from './schemas.ts';
import {
  createdNumberView,
  newCredentials,
  numberQrView,
  numberStateView,
  numberStatus,
  numberView,
  renewedCredentials,
} from './views.ts';

/** Fields of the service as this edition spells them. */
const FIELDS = {
  name: 'display_name',
  ratePerMinute: 'rate_limit_per_minute',
  'credentials.phoneNumberId': 'meta_phone_number_id',
  'credentials.businessAccountId': 'meta_business_account_id',
  'credentials.accessToken': 'meta_access_token',
  'credentials.appSecret': 'meta_app_secret',
  'credentials.signupCode': 'meta_signup_code',
  'credentials.pin': 'meta_pin',
  'credentials.verifyToken': 'webhook_verify_token',
};

/** Fields of a linked phone begin with the name of their provider. */
function nameFields(provider: string, error: unknown): never {
  if (!(error instanceof ValidationFailed) || !error.details) throw error;
  const named = (field: string) =>
    field.replace(
      /^credentials\.(serverUrl|sessionName|instanceName|apiKey)$/,
      (_all, name: string) => `${provider}_${snakeCase(name)}`,
    );
  throw new ValidationFailed(error.details.map((one) => ({ ...one, field: named(one.field) })));
}

/** The campaign of each number that is in one. */
async function campaignsOf({ clients }: GatewayDeps, call: CallContext, channels: readonly Channel[]) {
  const channelIds = channels.map(({ id }) => id);
  const campaigns = new Map<string, CampaignName[]>();
  for (let i = 0; i < channelIds.length; i += IDS_PER_CALL) {
    const query = { channelIds: channelIds.slice(i, i + IDS_PER_CALL) };
    const { items } = await clients.conversation.listNumberCampaigns({ query }, call);
    for (const { channelId, id, name } of items) campaigns.set(channelId, [{ id, name }]);
  }
  return campaigns;
}

/** As many as an address holds. */
const IDS_PER_CALL = 100;

export const numberRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp-numbers',
    tag: 'WhatsApp Numbers',
    summary: 'Listar números',
    description: '`health` es lo que halló la última comprobación: la lista nunca pregunta al proveedor.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    query: numbersQuery,
    responses: { 200: z.object({ data: z.array(number) }) },
    handle: async ({ query, deps, call }) => {
      const channels = await allChannels(deps.clients, call, query.provider);
      const wanted = query.status ? channels.filter((channel) => numberStatus(channel) === query.status) : channels;
      const campaigns = await campaignsOf(deps, call, wanted);
      return { data: wanted.map((channel) => numberView(channel, campaigns.get(channel.id) ?? [])) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers',
    tag: 'WhatsApp Numbers',
    summary: 'Crear número',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    fields: { ...FIELDS, phone: 'phone_number' },
    body: createNumberBody,
    responses: { 201: createdNumber },
    handle: async ({ body, deps, call }) => {
      const { provider } = body;
      const given = {
        name: body.display_name,
        provider,
        phone: body.phone_number ?? null,
        credentials: newCredentials(body),
        dailyMessageLimit: body.daily_message_limit ?? null,
        ratePerMinute: body.rate_limit_per_minute ?? null,
      };
      const channel = await deps.clients.connector
        .createChannel({ body: given }, call)
        .catch((error: unknown) => nameFields(provider, error));
      return createdNumberView(channel, deps.config.publicUrl);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp-numbers/:id/status',
    tag: 'WhatsApp Numbers',
    summary: 'Obtener estado de número',
    description: 'Medido ahora, a lo sumo una vez por minuto.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    entity: 'channel',
    params: idParams,
    responses: { 200: numberState },
    handle: async ({ params, deps, call }) =>
      numberStateView(await deps.clients.connector.getChannelHealth({ params: { channelId: params.id } }, call)),
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp-numbers/:id/qr',
    tag: 'WhatsApp Numbers',
    summary: 'Obtener QR Code',
    description:
      'El que vale ahora. Nulo mientras no hay: `connection_status` dice si espera un teléfono; si no, reconéctelo.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    params: idParams,
    responses: { 200: numberQr },
    handle: async ({ params, deps, call }) =>
      numberQrView(await deps.clients.connector.getLinkCode({ params: { channelId: params.id } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers/:id/disconnect',
    tag: 'WhatsApp Numbers',
    summary: 'Desconectar número',
    description: 'No envía ni recibe hasta que se reconecte; los chats quedan.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    params: idParams,
    responses: { 200: numberState },
    handle: async ({ params, deps, call }) =>
      numberStateView(await deps.clients.connector.disconnectChannel({ params: { channelId: params.id } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers/:id/reconnect',
    tag: 'WhatsApp Numbers',
    summary: 'Reconectar número',
    description: 'Vuelve a probar las credenciales guardadas, o pide un código QR nuevo; el estado dice el resultado.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    params: idParams,
    responses: { 200: numberState },
    handle: async ({ params, deps, call }) =>
      numberStateView(await deps.clients.connector.reconnectChannel({ params: { channelId: params.id } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers/:id/request-code',
    tag: 'WhatsApp Numbers',
    summary: 'Pedir código de verificación',
    description: 'El proveedor lo envía al teléfono del número, por SMS o por una llamada. Solo de Meta.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    fields: { channelId: 'id' },
    params: idParams,
    body: requestCodeBody,
    responses: { 200: codeSent },
    handle: async ({ params, body, deps, call }) => {
      await deps.clients.connector.requestNumberCode({ params: { channelId: params.id }, body }, call);
      return { message: SUCCESS.codeSent };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers/:id/verify-code',
    tag: 'WhatsApp Numbers',
    summary: 'Verificar número con el código',
    description: 'Con el código correcto el número se registra y se comprueba; el estado dice el resultado.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    fields: { channelId: 'id' },
    params: idParams,
    body: verifyCodeBody,
    responses: { 200: numberState },
    handle: async ({ params, body, deps, call }) =>
      numberStateView(await deps.clients.connector.verifyNumber({ params: { channelId: params.id }, body }, call)),
  }),
  editionRoute({
    method: 'PUT',
    path: '/whatsapp-numbers/:id',
    tag: 'WhatsApp Numbers',
    summary: 'Actualizar número',
    description:
      'Las credenciales nuevas se prueban antes: si el proveedor no las acepta, nada cambia. Otro número es otro registro.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    fields: { ...FIELDS, credentials: 'meta_access_token' },
    params: idParams,
    body: updateNumberBody,
    responses: { 200: number },
    handle: async ({ params, body, deps, call }) => {
      const { display_name: name, daily_message_limit: dailyMessageLimit, rate_limit_per_minute: ratePerMinute } = body;
      const {
        group_messages: groupMessages,
        ai_in_groups: aiInGroups,
        read_receipts: readReceipts,
      } = body.settings ?? {};
      const settings = body.settings && { groupMessages, aiInGroups, readReceipts };
      const input = { name, dailyMessageLimit, ratePerMinute, settings, credentials: renewedCredentials(body) };
      const channel = await deps.clients.connector.updateChannel(
        { params: { channelId: params.id }, body: input },
        call,
      );
      return numberView(channel, (await campaignsOf(deps, call, [channel])).get(channel.id) ?? []);
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/whatsapp-numbers/:id',
    tag: 'WhatsApp Numbers',
    summary: 'Eliminar número',
    description: 'Sus chats y mensajes siguen a la vista, y el número puede registrarse de nuevo.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'channel',
    params: idParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) =>
      deps.clients.connector.removeChannel({ params: { channelId: params.id } }, call),
  }),
];

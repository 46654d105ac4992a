import type { Channel } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { createdNumber, createNumberBody, number, numbersQuery } from './schemas.ts';
import { createdNumberView, numberStatus, numberView } from './views.ts';

export const numberRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp-numbers',
    tag: 'WhatsApp Numbers',
    summary: 'Listar números',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    query: numbersQuery,
    responses: { 200: z.object({ data: z.array(number) }) },
    handle: async ({ query, deps, call }) => {
      const channels = await allChannels(deps, call, query.provider);
      const wanted = query.status ? channels.filter((channel) => numberStatus(channel) === query.status) : channels;
      return { data: wanted.map(numberView) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-numbers',
    tag: 'WhatsApp Numbers',
    summary: 'Crear número',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    fields: {
      phone: 'phone_number',
      name: 'display_name',
      ratePerMinute: 'rate_limit_per_minute',
      'credentials.phoneNumberId': 'meta_phone_number_id',
      'credentials.businessAccountId': 'meta_business_account_id',
      'credentials.accessToken': 'meta_access_token',
      'credentials.appSecret': 'meta_app_secret',
      'credentials.verifyToken': 'webhook_verify_token',
    },
    body: createNumberBody,
    responses: { 201: createdNumber },
    handle: async ({ body, deps, call }) => {
      const channel = await deps.clients.connector.createChannel(
        {
          body: {
            name: body.display_name,
            provider: 'meta',
            phone: body.phone_number,
            credentials: {
              phoneNumberId: body.meta_phone_number_id,
              businessAccountId: body.meta_business_account_id,
              accessToken: body.meta_access_token,
              appSecret: body.meta_app_secret,
              verifyToken: body.webhook_verify_token,
            },
            dailyMessageLimit: body.daily_message_limit ?? null,
            ratePerMinute: body.rate_limit_per_minute ?? null,
          },
        },
        call,
      );
      return createdNumberView(channel, deps.config.publicUrl);
    },
  }),
];

const PAGE = 500;

/**
 * This list has no pages in its document. A status of ours covers several inside, so it is picked
 * out here.
 */
async function allChannels(deps: GatewayDeps, call: CallContext, provider?: Channel['provider']): Promise<Channel[]> {
  const all: Channel[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const { items } = await deps.clients.connector.listChannels({ query: { provider, limit: PAGE, after } }, call);
    all.push(...items);
    if (items.length < PAGE) return all;
  }
}

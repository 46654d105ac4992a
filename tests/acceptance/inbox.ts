import { signedTextWebhook } from '../support/meta-webhook.ts';
import type { Step } from './flow.ts';

/** How each endpoint of inbox.md is tried. */
export const INBOX_STEPS: Record<string, Step> = {
  'POST /auth/login': {
    calls: ({ tenant: { email, password } }) => [{ body: { email, password } }],
  },
  'POST /auth/register': {
    calls: (world, { requests }) => {
      const email = world.newEmail();
      const tenantSlug = `hotel-${email.slice(8, 16)}`;
      return [{ body: { ...(requests[0]!.body as object), email, tenantSlug, password: 'senha-de-hotel-7' } }];
    },
  },
  'GET /webhooks/whatsapp': {
    calls: ({ tenant, slug }) => [
      {
        headers: { 'x-tenant-slug': slug },
        query: { 'hub.mode': 'subscribe', 'hub.verify_token': tenant.verifyToken, 'hub.challenge': '1158201444' },
        text: /^1158201444$/,
      },
    ],
  },
  'POST /webhooks/whatsapp': {
    calls: ({ tenant, slug }) => {
      const { body, signature } = signedTextWebhook(tenant.number, {
        from: '5511999999999',
        name: 'João',
        text: 'Olá',
      });
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature, 'x-tenant-slug': slug };
      return [{ raw: body, headers, text: /^EVENT_RECEIVED$/ }];
    },
  },
};

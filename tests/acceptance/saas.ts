import { call, must } from '../support/api.ts';
import { eitherWay, needs, open, self, signed } from './access.ts';
import type { Fixture } from './fixture.ts';
import type { Call, EditionTable } from './flow.ts';

const asAdmin = ({ tenant }: Fixture) => ({ token: tenant.saas, status: 200 });
const credentials = ({ tenant: { email, password } }: Fixture) => ({ email, password });
const done = { message: 'x' };
const INSTANCE = { id: 'uuid', name: 'x', instanceKey: 'x', status: 'connected', phoneNumber: '51', settings: {} };

/** A number that a step may remove; its token proves nothing. */
async function spareNumber({ gateway, tenant }: Fixture): Promise<string> {
  const body = {
    provider: 'meta',
    phone_number: '+573005550199',
    display_name: 'De paso',
    meta_phone_number_id: '102938475647384',
    meta_access_token: 'EAAx',
    webhook_verify_token: 'mi_token_secreto_123',
  };
  const made = call<{ id: string }>(gateway, 'POST', '/v1/whatsapp-numbers', { token: tenant.crm, body });
  return (await must(made, 201)).id;
}

/** Every route of saas: its access, and how its documented example is tried. */
/** As Evolution tells it of the phone that waits. */
async function connectionEvent({ webhookSecret, kept }: Fixture): Promise<Call> {
  const raw = Buffer.from(JSON.stringify({ event: 'connection.update', instance: 'x', data: { state: 'connecting' } }));
  const headers = { 'content-type': 'application/json' };
  return { raw, headers, status: 200, query: { secret: await webhookSecret(kept.phone!) } };
}

export const SAAS: EditionTable = {
  'GET /': { access: open, calls: () => [{ status: 200 }] },
  'GET /health': { access: open, calls: () => [{ status: 200 }] },
  'POST /auth/register': {
    access: open,
    calls: (fixture, { requests }) => {
      const body = { ...(requests[0]!.body as object), email: fixture.newEmail() };
      return [{ body, status: 201 }];
    },
  },
  'POST /auth/login': {
    access: open,
    calls: (fixture) => [{ body: credentials(fixture), status: 200 }],
    keep: (fixture, [answer]) => {
      const { refreshToken } = answer!.data as { refreshToken: string };
      fixture.kept.refreshToken = refreshToken;
    },
  },
  'POST /auth/refresh': {
    access: open,
    calls: ({ kept }) => [
      {
        body: { refreshToken: kept.refreshToken },
        status: 200,
        answer: { message: 'x', data: { accessToken: 'eyJ', refreshToken: 'eyJ' } },
      },
    ],
  },
  'GET /auth/me': { access: self, calls: (fixture) => [asAdmin(fixture)] },
  'GET /tenant': { access: needs('tenant.read'), calls: (fixture) => [asAdmin(fixture)] },
  'PUT /tenant': {
    access: needs('tenant.update'),
    calls: (fixture, { requests }) => [
      { ...asAdmin(fixture), body: requests[0]!.body, answer: { ...done, data: { id: 'uuid' } } },
    ],
  },
  'GET /tenant/usage': { access: needs('tenant.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /tenant/users': { access: needs('users.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /tenant/dashboard': { access: needs('analytics.read'), calls: (fixture) => [asAdmin(fixture)] },
  'POST /whatsapp/instances': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture, { requests }) => [{ ...asAdmin(fixture), status: 201, body: requests[0]!.body }],
    keep: (fixture, [answer]) => {
      fixture.kept.phone = (answer!.data as { id: string }).id;
    },
  },
  'GET /whatsapp/instances': { access: needs('whatsapp.numbers.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /whatsapp/instances/:instanceId': {
    access: needs('whatsapp.numbers.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.tenant.channelId], answer: { ...done, data: INSTANCE } }],
  },
  'GET /whatsapp/instances/:instanceId/connection-status': {
    access: needs('whatsapp.numbers.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.tenant.channelId] }],
  },
  'POST /whatsapp/instances/:instanceId/disconnect': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      {
        ...asAdmin(fixture),
        ids: [fixture.tenant.channelId],
        answer: { ...done, data: INSTANCE },
        text: /"disconnected"/,
      },
    ],
  },
  'POST /whatsapp/instances/:instanceId/connect': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [
      { ...asAdmin(fixture), ids: [fixture.kept.phone!], text: /"qrCode":"data:image\/png;base64,/ },
      {
        ...asAdmin(fixture),
        ids: [fixture.tenant.channelId],
        answer: { ...done, data: { instance: { id: 'uuid', status: 'connected' }, qrCode: null, connected: true } },
        text: /"connected":true/,
      },
    ],
  },
  'POST /whatsapp/webhook/:instanceId': {
    access: signed,
    calls: async (fixture) => [{ ...(await connectionEvent(fixture)), ids: [fixture.kept.phone!] }],
  },
  'POST /whatsapp/webhook/:instanceId/:eventType': {
    access: signed,
    calls: async (fixture) => [
      { ...(await connectionEvent(fixture)), ids: [fixture.kept.phone!, 'connection-update'] },
    ],
  },
  'POST /whatsapp/instances/:instanceId/messages/send': {
    access: needs('messages.create'),
    calls: (fixture, { requests }) => [
      { ...asAdmin(fixture), status: 201, ids: [fixture.tenant.channelId], body: requests[0]!.body },
    ],
  },
  'POST /whatsapp/instances/:instanceId/messages/bulk': {
    access: needs('messages.create'),
    calls: (fixture, { requests }) => [
      { ...asAdmin(fixture), status: 201, ids: [fixture.tenant.channelId], body: requests[0]!.body },
    ],
  },
  'GET /whatsapp/instances/:instanceId/conversations': {
    access: needs('chats.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.tenant.channelId] }],
  },
  'GET /whatsapp/conversations/:conversationId/messages': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.conversation] }],
  },
  'GET /whatsapp/queue/stats': { access: needs('whatsapp.numbers.read'), calls: (fixture) => [asAdmin(fixture)] },
  'POST /whatsapp/queue/retry-failed': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [{ ...asAdmin(fixture), answer: { ...done, data: { retried: 1, skipped: 0 } } }],
  },
  'GET /whatsapp/rate-limit/usage': { access: needs('tenant.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /ai/config': { access: needs('ai.read'), calls: (fixture) => [asAdmin(fixture)] },
  'PUT /ai/config': {
    access: needs('ai.manage'),
    calls: (fixture, { requests }) => [
      { ...asAdmin(fixture), body: requests[0]!.body, answer: { id: 'uuid', enabled: true } },
    ],
  },
  'POST /ai/toggle': {
    access: needs('ai.manage'),
    calls: (fixture, { requests }) => [{ ...asAdmin(fixture), body: requests[0]!.body, answer: { enabled: true } }],
  },
  'POST /ai/test': {
    access: needs('ai.read'),
    calls: (fixture, { requests }) => [{ ...asAdmin(fixture), body: requests[0]!.body }],
  },
  'GET /analytics/realtime': {
    access: needs('analytics.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), answer: done }],
  },
  // Another number: later steps still need the tenant's own.
  'DELETE /whatsapp/instances/:instanceId': {
    access: needs('whatsapp.numbers.manage'),
    calls: async (fixture) => [{ ...asAdmin(fixture), ids: [await spareNumber(fixture)], answer: done }],
  },
  // Without a documented answer.
  'GET /whatsapp/messages/undelivered': { access: needs('messages.read') },
  'POST /auth/confirm-email': { access: eitherWay },
  'POST /auth/confirm-email/resend': { access: self },
  'POST /auth/logout': { access: self },
  'PUT /auth/change-password': { access: self },
  'GET /webhook-endpoints': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints': { access: needs('webhooks.manage') },
  'GET /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'PUT /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'DELETE /webhook-endpoints/:id': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/secret': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/test': { access: needs('webhooks.manage') },
  'GET /webhook-endpoints/:id/deliveries': { access: needs('webhooks.manage') },
  'POST /webhook-endpoints/:id/replay': { access: needs('webhooks.manage') },
  'GET /webhook-deliveries/:id': { access: needs('webhooks.manage') },
  'POST /webhook-deliveries/:id/replay': { access: needs('webhooks.manage') },
  'GET /webhook-replays/:id': { access: needs('webhooks.manage') },
  // Beyond the document: it shows how to send templates, and none that manages them.
  'GET /whatsapp/templates': { access: needs('templates.read') },
  'GET /whatsapp/templates/:templateId': { access: needs('templates.read') },
  'POST /whatsapp/templates': { access: needs('templates.manage') },
  'PUT /whatsapp/templates/:templateId': { access: needs('templates.manage') },
  'POST /whatsapp/templates/:templateId/submit': { access: needs('templates.manage') },
  'POST /whatsapp/templates/:templateId/preview': { access: needs('templates.read') },
  'DELETE /whatsapp/templates/:templateId': { access: needs('templates.manage') },
  'POST /whatsapp/templates/sync': { access: needs('templates.manage') },
};

import type { Step } from './flow.ts';
import type { World } from './world.ts';

const asAdmin = ({ tenant }: World) => ({ token: tenant.saas, status: 200 });
const credentials = ({ tenant: { email, password } }: World) => ({ email, password });
const done = { message: 'x' };

/** How each endpoint of saas.md is tried. */
export const SAAS_STEPS: Record<string, Step> = {
  'GET /': { calls: () => [{ status: 200 }] },
  'GET /health': { calls: () => [{ status: 200 }] },
  'POST /auth/register': {
    calls: (world, { requests }) => {
      const body = { ...(requests[0]!.body as object), email: world.newEmail() };
      return [{ body, status: 201 }];
    },
  },
  'POST /auth/login': {
    calls: (world) => [{ body: credentials(world), status: 200 }],
    keep: (world, [answer]) => {
      const { refreshToken } = answer!.data as { refreshToken: string };
      world.kept.refreshToken = refreshToken;
    },
  },
  'POST /auth/refresh': {
    calls: ({ kept }) => [
      {
        body: { refreshToken: kept.refreshToken },
        status: 200,
        answer: { message: 'x', data: { accessToken: 'eyJ', refreshToken: 'eyJ' } },
      },
    ],
  },
  'GET /auth/me': { calls: (world) => [asAdmin(world)] },
  'GET /tenant': { calls: (world) => [asAdmin(world)] },
  'PUT /tenant': {
    calls: (world, { requests }) => [
      { ...asAdmin(world), body: requests[0]!.body, answer: { ...done, data: { id: 'uuid' } } },
    ],
  },
  'GET /tenant/usage': { calls: (world) => [asAdmin(world)] },
  'GET /tenant/users': { calls: (world) => [asAdmin(world)] },
  'GET /tenant/dashboard': { calls: (world) => [asAdmin(world)] },
  'GET /whatsapp/instances': { calls: (world) => [asAdmin(world)] },
  'POST /whatsapp/instances/:instanceId/messages/send': {
    calls: (world, { requests }) => [
      { ...asAdmin(world), status: 201, ids: [world.tenant.channelId], body: requests[0]!.body },
    ],
  },
  'GET /whatsapp/instances/:instanceId/conversations': {
    calls: (world) => [{ ...asAdmin(world), ids: [world.tenant.channelId] }],
  },
  'GET /whatsapp/conversations/:conversationId/messages': {
    calls: (world) => [{ ...asAdmin(world), ids: [world.conversation] }],
  },
  'GET /whatsapp/rate-limit/usage': { calls: (world) => [asAdmin(world)] },
  'GET /ai/config': { calls: (world) => [asAdmin(world)] },
  'PUT /ai/config': {
    calls: (world, { requests }) => [
      { ...asAdmin(world), body: requests[0]!.body, answer: { id: 'uuid', enabled: true } },
    ],
  },
  'POST /ai/toggle': {
    calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body, answer: { enabled: true } }],
  },
  'POST /ai/test': { calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body }] },
  'GET /analytics/realtime': { calls: (world) => [{ ...asAdmin(world), answer: done }] },
};

import { eitherWay, needs, open, self } from './access.ts';
import type { EditionTable } from './flow.ts';
import type { World } from './world.ts';

const asAdmin = ({ tenant }: World) => ({ token: tenant.saas, status: 200 });
const credentials = ({ tenant: { email, password } }: World) => ({ email, password });
const done = { message: 'x' };

/** Every route of saas: who may call it, and how its documented example is tried. */
export const SAAS: EditionTable = {
  'GET /': { access: open, calls: () => [{ status: 200 }] },
  'GET /health': { access: open, calls: () => [{ status: 200 }] },
  'POST /auth/register': {
    access: open,
    calls: (world, { requests }) => {
      const body = { ...(requests[0]!.body as object), email: world.newEmail() };
      return [{ body, status: 201 }];
    },
  },
  'POST /auth/login': {
    access: open,
    calls: (world) => [{ body: credentials(world), status: 200 }],
    keep: (world, [answer]) => {
      const { refreshToken } = answer!.data as { refreshToken: string };
      world.kept.refreshToken = refreshToken;
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
  'GET /auth/me': { access: self, calls: (world) => [asAdmin(world)] },
  'GET /tenant': { access: needs('tenant.read'), calls: (world) => [asAdmin(world)] },
  'PUT /tenant': {
    access: needs('tenant.update'),
    calls: (world, { requests }) => [
      { ...asAdmin(world), body: requests[0]!.body, answer: { ...done, data: { id: 'uuid' } } },
    ],
  },
  'GET /tenant/usage': { access: needs('tenant.read'), calls: (world) => [asAdmin(world)] },
  'GET /tenant/users': { access: needs('users.read'), calls: (world) => [asAdmin(world)] },
  'GET /tenant/dashboard': { access: needs('analytics.read'), calls: (world) => [asAdmin(world)] },
  'GET /whatsapp/instances': { access: needs('whatsapp.numbers.read'), calls: (world) => [asAdmin(world)] },
  'POST /whatsapp/instances/:instanceId/messages/send': {
    access: needs('messages.create'),
    calls: (world, { requests }) => [
      { ...asAdmin(world), status: 201, ids: [world.tenant.channelId], body: requests[0]!.body },
    ],
  },
  'GET /whatsapp/instances/:instanceId/conversations': {
    access: needs('chats.read'),
    calls: (world) => [{ ...asAdmin(world), ids: [world.tenant.channelId] }],
  },
  'GET /whatsapp/conversations/:conversationId/messages': {
    access: needs('messages.read'),
    calls: (world) => [{ ...asAdmin(world), ids: [world.conversation] }],
  },
  'GET /whatsapp/rate-limit/usage': { access: needs('tenant.read'), calls: (world) => [asAdmin(world)] },
  'GET /ai/config': { access: needs('ai.read'), calls: (world) => [asAdmin(world)] },
  'PUT /ai/config': {
    access: needs('ai.manage'),
    calls: (world, { requests }) => [
      { ...asAdmin(world), body: requests[0]!.body, answer: { id: 'uuid', enabled: true } },
    ],
  },
  'POST /ai/toggle': {
    access: needs('ai.manage'),
    calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body, answer: { enabled: true } }],
  },
  'POST /ai/test': {
    access: needs('ai.read'),
    calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body }],
  },
  'GET /analytics/realtime': {
    access: needs('analytics.read'),
    calls: (world) => [{ ...asAdmin(world), answer: done }],
  },
  // Without a documented answer.
  'POST /auth/confirm-email': { access: eitherWay },
  'POST /auth/confirm-email/resend': { access: self },
  'POST /auth/logout': { access: self },
  'PUT /auth/change-password': { access: self },
};

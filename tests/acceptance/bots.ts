import { call, must } from '../support/api.ts';
import { eitherWay, needs, open, self } from './access.ts';
import type { Fixture } from './fixture.ts';
import type { Call, EditionTable, Step } from './flow.ts';

const asAdmin = ({ kept }: Fixture): Call => ({ token: kept.token! });
/** Of the company with a customer. */
const asOwner = ({ tenant }: Fixture): Call => ({ token: tenant.crm });
const PASSWORD = 'Password123!';
const keepToken: Step['keep'] = (fixture, [answer]) => {
  fixture.kept.token = (answer!.data as { token: string }).token;
};

/** Every route of bots: its access, and how its documented example is tried. */
export const BOTS: EditionTable = {
  'POST /api/auth/register': {
    access: open,
    calls: (fixture, { requests }) => {
      const { company, admin } = requests[0]!.body as { company: object; admin: object };
      fixture.kept.email = fixture.newEmail();
      return [{ body: { company, admin: { ...admin, email: fixture.kept.email } } }];
    },
  },
  'POST /api/auth/login': {
    access: open,
    calls: ({ kept }) => [{ body: { email: kept.email, password: PASSWORD } }],
    keep: keepToken,
  },
  'GET /api/auth/me': { access: self, calls: (fixture) => [asAdmin(fixture)] },
  'POST /api/auth/refresh': { access: self, calls: (fixture) => [asAdmin(fixture)], keep: keepToken },
  'POST /api/instances': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture, { requests }) => [
      { ...asAdmin(fixture), body: requests[0]!.body, text: /"qrCode":"data:image\/png;base64,/ },
    ],
    keep: (fixture, [answer]) => {
      fixture.kept.instance = (answer!.data as { id: string }).id;
    },
  },
  'GET /api/instances': { access: needs('whatsapp.numbers.read'), calls: (fixture) => [asAdmin(fixture)] },
  'GET /api/instances/:id': {
    access: needs('whatsapp.numbers.read'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.instance!] }],
  },
  'PUT /api/instances/:id': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture, { requests }) => [{ ...asAdmin(fixture), ids: [fixture.kept.instance!], body: requests[0]!.body }],
  },
  'DELETE /api/instances/:id': {
    access: needs('whatsapp.numbers.manage'),
    calls: (fixture) => [{ ...asAdmin(fixture), ids: [fixture.kept.instance!] }],
  },
  // Tags are not built yet.
  'GET /api/contacts': { access: needs('contacts.read'), calls: (fixture) => [asOwner(fixture)] },
  'GET /api/conversations': { access: needs('chats.read'), calls: (fixture) => [asOwner(fixture)] },
  'GET /api/conversations/:id/messages': {
    access: needs('messages.read'),
    calls: (fixture) => [{ ...asOwner(fixture), ids: [fixture.conversation] }],
  },
  'POST /api/conversations/:id/messages': {
    access: needs('messages.create'),
    calls: (fixture, { requests }) => [
      { ...asOwner(fixture), ids: [fixture.conversation], body: requests[0]!.body, status: 201 },
    ],
  },
  'GET /api/health': { access: open, calls: () => [{}] },
  'GET /api/system/info': { access: needs('system.read'), calls: (fixture) => [asAdmin(fixture)] },
  // Before the password changes, which ends every session.
  'POST /api/auth/logout': {
    access: self,
    calls: (fixture) => [asAdmin(fixture)],
    keep: async (fixture) => {
      const body = { email: fixture.kept.email, password: PASSWORD };
      const login = call<{ data: { token: string } }>(fixture.gateway, 'POST', '/bots/api/auth/login', { body });
      fixture.kept.token = (await must(login, 200)).data.token;
    },
  },
  'POST /api/auth/change-password': {
    access: self,
    calls: (fixture, { requests }) => [{ ...asAdmin(fixture), body: requests[0]!.body }],
  },
  // Without a documented answer.
  'POST /api/auth/confirm-email': { access: eitherWay },
  'POST /api/auth/confirm-email/resend': { access: self },
  'GET /api/instances/:id/webhook': { access: needs('webhooks.manage') },
  'PUT /api/instances/:id/webhook': { access: needs('webhooks.manage') },
  'POST /api/instances/:id/webhook/secret': { access: needs('webhooks.manage') },
  'POST /api/instances/:id/webhook/test': { access: needs('webhooks.manage') },
  'GET /api/instances/:id/webhook/deliveries': { access: needs('webhooks.manage') },
  'POST /api/instances/:id/webhook/replay': { access: needs('webhooks.manage') },
};

import { call, must } from '../support/api.ts';
import { eitherWay, needs, open, self } from './access.ts';
import type { Call, EditionTable, Step } from './flow.ts';
import type { World } from './world.ts';

const asAdmin = ({ kept }: World): Call => ({ token: kept.token! });
const PASSWORD = 'Password123!';
const keepToken: Step['keep'] = (world, [answer]) => {
  world.kept.token = (answer!.data as { token: string }).token;
};

/** Every route of bots: who may call it, and how its documented example is tried. */
export const BOTS: EditionTable = {
  'POST /api/auth/register': {
    access: open,
    calls: (world, { requests }) => {
      const { company, admin } = requests[0]!.body as { company: object; admin: object };
      world.kept.email = world.newEmail();
      return [{ body: { company, admin: { ...admin, email: world.kept.email } } }];
    },
  },
  'POST /api/auth/login': {
    access: open,
    calls: ({ kept }) => [{ body: { email: kept.email, password: PASSWORD } }],
    keep: keepToken,
  },
  'GET /api/auth/me': { access: self, calls: (world) => [asAdmin(world)] },
  'POST /api/auth/refresh': { access: self, calls: (world) => [asAdmin(world)], keep: keepToken },
  'GET /api/health': { access: open, calls: () => [{}] },
  'GET /api/system/info': { access: needs('system.read'), calls: (world) => [asAdmin(world)] },
  // Before the password changes, which ends every session.
  'POST /api/auth/logout': {
    access: self,
    calls: (world) => [asAdmin(world)],
    keep: async (world) => {
      const body = { email: world.kept.email, password: PASSWORD };
      const login = call<{ data: { token: string } }>(world.gateway, 'POST', '/bots/api/auth/login', { body });
      world.kept.token = (await must(login, 200)).data.token;
    },
  },
  'POST /api/auth/change-password': {
    access: self,
    calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body }],
  },
  // Without a documented answer.
  'POST /api/auth/confirm-email': { access: eitherWay },
  'POST /api/auth/confirm-email/resend': { access: self },
};

import { call, must } from '../support/api.ts';
import type { Call, Step } from './flow.ts';
import type { World } from './world.ts';

const asAdmin = ({ kept }: World): Call => ({ token: kept.token! });
const PASSWORD = 'Password123!';
const keepToken: Step['keep'] = (world, [answer]) => {
  world.kept.token = (answer!.data as { token: string }).token;
};

/** How each endpoint of bots.md is tried. */
export const BOTS_STEPS: Record<string, Step> = {
  'POST /api/auth/register': {
    calls: (world, { requests }) => {
      const { company, admin } = requests[0]!.body as { company: object; admin: object };
      world.kept.email = world.newEmail();
      return [{ body: { company, admin: { ...admin, email: world.kept.email } } }];
    },
  },
  'POST /api/auth/login': {
    calls: ({ kept }) => [{ body: { email: kept.email, password: PASSWORD } }],
    keep: keepToken,
  },
  'GET /api/auth/me': { calls: (world) => [asAdmin(world)] },
  'POST /api/auth/refresh': { calls: (world) => [asAdmin(world)], keep: keepToken },
  'GET /api/health': { calls: () => [{}] },
  'GET /api/system/info': { calls: (world) => [asAdmin(world)] },
  // Before the password changes, which ends every session.
  'POST /api/auth/logout': {
    calls: (world) => [asAdmin(world)],
    keep: async (world) => {
      const body = { email: world.kept.email, password: PASSWORD };
      const login = call<{ data: { token: string } }>(world.gateway, 'POST', '/bots/api/auth/login', { body });
      world.kept.token = (await must(login, 200)).data.token;
    },
  },
  'POST /api/auth/change-password': {
    calls: (world, { requests }) => [{ ...asAdmin(world), body: requests[0]!.body }],
  },
};

import { identityApi } from '@recado/contracts';
import { Forbidden, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { sessionAnswer } from '../sessions/open.ts';
import { createInvitation } from './invitations.ts';
import { register } from './register.ts';

export function registrationRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.register, async ({ body, origin }) =>
    sessionAnswer(app, deps, await register(deps, body, origin)),
  );

  serve(app, identityApi.createInvitation, async ({ caller, body }) => {
    if (caller.role !== 'service') throw new Forbidden('This is the operator’s');
    return createInvitation(deps, body);
  });
}

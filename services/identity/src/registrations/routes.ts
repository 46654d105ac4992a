import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { sessionAnswer } from '../sessions/open.ts';
import { createInvitation } from './invitations.ts';
import { register } from './register.ts';

export function registrationRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.register, async ({ body, origin }) =>
    sessionAnswer(app, deps, await register(deps, body, origin)),
  );

  serve(app, identityApi.createInvitation, async ({ body }) => createInvitation(deps, body));
}

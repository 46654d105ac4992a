import fastifyJwt from '@fastify/jwt';
import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { jwtOptions } from './access.ts';

/** Gives the app its signer of access tokens (`app.jwt`), and shows their public key. */
export function tokenRoutes(app: FastifyInstance, { accessKey }: Pick<Deps, 'accessKey'>): void {
  app.register(fastifyJwt, jwtOptions(accessKey));
  const jwks = { keys: [accessKey.jwk] };
  serve(app, identityApi.jwks, async () => jwks);
}

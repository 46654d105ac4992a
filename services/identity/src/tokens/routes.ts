import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';

export function tokenRoutes(app: FastifyInstance, { tokens }: Deps): void {
  const jwks = { keys: [tokens.jwk] };
  serve(app, identityApi.jwks, async () => jwks);
}

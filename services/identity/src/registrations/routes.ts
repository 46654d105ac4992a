import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { register } from './register.ts';

export function registrationRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.register, async ({ body, origin }) => register(deps, body, origin));
}

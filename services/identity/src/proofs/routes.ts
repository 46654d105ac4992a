import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { proveEmail } from './prove.ts';
import { resendProof } from './resend.ts';

export function proofRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.proveEmail, async ({ caller, origin, body }) => {
    await proveEmail(deps, caller, origin, body);
    return null;
  });
  serve(app, identityApi.resendProof, async ({ caller }) => {
    await resendProof(deps, caller);
    return null;
  });
}

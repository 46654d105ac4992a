import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { login } from './login.ts';
import { refresh } from './refresh.ts';
import { logout } from './revoke.ts';

export function sessionRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.login, async ({ body }) => {
    const session = await login(deps, body);
    // Nobody waits for it: a log-in is a frequent enough moment to notice a flushed Redis.
    void deps.revocations.restoreIfLost();
    return session;
  });
  serve(app, identityApi.refresh, async ({ body, request }) => refresh(deps, body, request.traceparent));
  serve(app, identityApi.logout, async ({ caller, request }) => {
    await logout(deps, caller, request.traceparent);
    return null;
  });
}

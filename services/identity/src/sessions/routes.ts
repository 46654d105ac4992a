import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { completeLogin } from './complete-login.ts';
import { login } from './login.ts';
import { type Opened, sessionAnswer } from './open.ts';
import { refresh } from './refresh.ts';
import { renew } from './renew.ts';
import { requireLiveCaller } from './require-live.ts';
import { logout } from './revoke.ts';

export function sessionRoutes(app: FastifyInstance, deps: Deps): void {
  const answer = (opened: Opened) => sessionAnswer(app, deps, opened);
  serve(app, identityApi.login, async ({ body, origin }) => {
    // Not awaited. Log-ins are frequent enough to notice a flushed Redis.
    void deps.revocations.restoreIfLost();
    return answer(await login(deps, body, origin));
  });
  serve(app, identityApi.completeLogin, async ({ body, origin }) => answer(await completeLogin(deps, body, origin)));
  serve(app, identityApi.refresh, async ({ body, origin }) => answer(await refresh(deps, body, origin)));
  serve(app, identityApi.renew, async ({ caller, body }) => answer(await renew(deps, caller, body)));
  serve(app, identityApi.checkLive, async ({ caller }) => {
    await requireLiveCaller(deps, caller);
    return null;
  });
  serve(app, identityApi.logout, async ({ caller, origin }) => {
    await logout(deps, caller, origin);
    return null;
  });
}

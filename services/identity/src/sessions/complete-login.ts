import type { AuditOrigin, identityApi, RouteInput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { originOfGuest } from '../logins/audit.ts';
import { selectTenant } from '../tenants/store.ts';
import { readOpaqueToken } from '../tokens/opaque-token.ts';
import { type Checked, checkCode } from '../two-factor/check.ts';
import { reasonOf, refuseLogin } from '../two-factor/refusals.ts';
import { lockAccount } from '../two-factor/store.ts';
import { closeChallenge, countTry, findChallenge } from './challenges.ts';
import { failedLogin, openAudited, requireActive } from './login.ts';
import type { Opened } from './open.ts';

type Input = RouteInput<typeof identityApi.completeLogin>['body'];
type Outcome = { checked: Checked; opened: Opened | null };

/**
 * The second step of a log-in: the first step's challenge, and a code.
 * @throws Unauthorized when the challenge is over, or `invalid_credentials` for a wrong code
 * @throws TooManyRequests when the factor is locked; Forbidden when user or tenant were suspended
 */
export async function completeLogin(deps: Deps, input: Input, origin: AuditOrigin): Promise<Opened> {
  const token = readOpaqueToken(input.challengeToken);
  if (!token) throw over();
  const { tenantId, hash } = token;
  const guest = { ...originOfGuest(origin, input), tenantId };
  const { checked, opened } = await withTenant(deps.db, tenantId, async (tx): Promise<Outcome> => {
    const challenge = await findChallenge(tx, tenantId, hash, input.edition);
    if (!challenge) throw over();
    const { userId } = challenge;
    const account = await lockAccount(tx, tenantId, userId);
    // Under the user's lock. A first answer, or an end of all the user's sessions, has removed it.
    if (!account?.twoFactor || !(await countTry(tx, tenantId, hash))) throw over();
    const [tenant] = await selectTenant(tx, tenantId);
    requireActive(account.status, tenant!.status);
    const checked = await checkCode(deps, tx, tenantId, userId, input.code);
    const reason = reasonOf(checked, 'invalid_credentials');
    if (reason) {
      await enqueue(tx, failedLogin(guest, userId, reason));
      return { checked, opened: null };
    }
    await closeChallenge(tx, tenantId, hash);
    return { checked, opened: await openAudited(deps, tx, tenantId, userId, input, guest) };
  });
  refuseLogin(checked);
  return opened!;
}

const over = () => new Unauthorized('This log-in is over; begin again');

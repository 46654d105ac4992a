import { readTenant, withTenant } from '@recado/database';
import { type Caller, TooManyRequests, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { mayMail, secondsUntilNextMail } from '../mails/store.ts';
import { lockTenant, selectTenant } from '../tenants/store.ts';
import { selectUser } from '../users/store.ts';
import { beginProof, mailLanguage } from './begin.ts';

const DAY_SECONDS = 86_400;

/**
 * Sends the mail that proves an e-mail again, with a new secret. Sends nothing when it is proved.
 * @throws Unauthorized without a user; TooManyRequests after too many mails of company or address
 */
export async function resendProof(deps: Deps, caller: Caller): Promise<void> {
  const { tenantId, userId } = caller;
  if (!userId) throw new Unauthorized('This takes a person');
  const [[tenant], [user]] = await readTenant(deps.db, tenantId, (tx) => [
    selectTenant(tx, tenantId),
    selectUser(tx, tenantId, userId),
  ]);
  if (!tenant || !user) throw new Unauthorized('The session has ended');
  if (!tenant.unprovedUntil) return;
  const { email } = user;
  const language = mailLanguage(tenant);
  const addressMayHaveMore = await mayMail(deps.workerDb, email);
  await withTenant(deps.db, tenantId, async (tx) => {
    // One at a time, or two would both see room for one more.
    const locked = await lockTenant(tx, tenantId);
    if (!locked.unprovedUntil) return;
    const seconds = await secondsUntilNextMail(tx, tenantId);
    if (seconds > 0) throw new TooManyRequests(seconds, 'A mail was sent a moment ago');
    if (!addressMayHaveMore) throw new TooManyRequests(DAY_SECONDS, 'This address had too many mails today');
    await beginProof(deps, tx, tenantId, userId, { email, language });
  });
  deps.mails.wake();
}

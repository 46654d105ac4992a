import type { AuditOrigin, Channel } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import { firstAnswer, getOwn } from '../answer.ts';
import { sealCredentials } from '../credentials.ts';
import { replaceSecrets } from '../store.ts';
import { lifeAudit } from '../views.ts';
import { type CodeNumber, openCodeNumber, toCodeError } from './code-proof.ts';

/**
 * Proves a number by the code that its phone got, registers it and looks at it again.
 * @throws NotFound; as toCodeError; Conflict for other credentials in the meantime
 */
export async function verifyNumber(
  deps: Deps,
  origin: AuditOrigin,
  channelId: string,
  given: { code: string; pin?: string | undefined },
): Promise<Channel> {
  const { tenantId } = origin;
  const open = await openCodeNumber(deps, tenantId, channelId);
  const proved = await open.codes.confirm(open.number, given.code);
  if (proved.kind !== 'done') throw toCodeError(open, proved, 'code');
  const chosen = proved.registered || given.pin !== undefined ? null : choosePin(deps, channelId, open);
  // A PIN of ours is kept before it counts: a lost one would lock the number.
  await withTenant(deps.db, tenantId, async (tx) => {
    const row = { tenantId, id: channelId, credentials: open.credentials };
    if (chosen?.sealed && !(await replaceSecrets(tx, row, chosen.sealed))) {
      throw new Conflict('The channel was changed at the same time');
    }
    await enqueue(tx, lifeAudit('verify', channelId, null, origin, deps.now()));
  });
  deps.directory.forget(channelId);
  const pin = given.pin ?? chosen?.pin;
  if (!proved.registered && pin !== undefined) {
    const registered = await open.codes.register(open.number, pin);
    if (registered.kind !== 'done') throw toCodeError(open, registered, 'pin');
  }
  await firstAnswer(deps, { id: channelId });
  return getOwn(deps, tenantId, channelId);
}

/** The number's kept PIN, else a new one with the credentials that keep it. */
function choosePin({ sealer }: Deps, channelId: string, { codes, credentials }: CodeNumber) {
  const kept = JSON.parse(sealer.open(credentials, channelId)) as object;
  const { pin, secrets } = codes.pinOf(kept);
  return { pin, sealed: secrets && sealCredentials(sealer, channelId, secrets) };
}

import type { AuditOrigin } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../../deps.ts';
import type { CodeRequest } from '../../providers/code-proof.ts';
import { lifeAudit } from '../views.ts';
import { openCodeNumber, toCodeError } from './code-proof.ts';

/** Has the provider send a code to the number's phone. @throws NotFound; as toCodeError */
export async function requestNumberCode(
  deps: Deps,
  origin: AuditOrigin,
  channelId: string,
  request: CodeRequest,
): Promise<{ sent: true }> {
  const { tenantId } = origin;
  const open = await openCodeNumber(deps, tenantId, channelId);
  const sent = await open.codes.send(open.number, request);
  if (sent.kind !== 'done') throw toCodeError(open, sent, 'method');
  await withTenant(deps.db, tenantId, (tx) =>
    enqueue(tx, lifeAudit('request_code', channelId, null, origin, deps.now())),
  );
  return { sent: true };
}

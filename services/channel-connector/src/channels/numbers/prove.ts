import { CHANNEL_REASONS, type Channel } from '@recado/contracts';
import type { Database, Tx } from '@recado/database';
import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { NumberFacts } from '../../providers/provider.ts';
import { updateStatus } from '../checks/store.ts';
import { type LinkWrite, writeLink } from '../linking/link-store.ts';
import { type ChannelRow, selectChannel } from '../store.ts';
import { codeEvent, releasedAudit, statusEvent } from '../views.ts';
import { sealedColumns } from './sealed-store.ts';

/**
 * A number that a channel's credentials are asked about. They tell whether they were replaced in
 * the meantime.
 */
export type Claim = typeof sealedColumns.$row & {
  providerId: string;
  /** The code that is shown, of providers that link phones. */
  linkCode?: ChannelRow['linkCode'];
};

export interface Settled {
  /** The channel when its status or reason changed. */
  changed: ChannelRow | null;
  /** Channels whose number, status or reason may have changed. */
  touched: { id: string }[];
}

/** What the provider said of a claim. */
export interface Proof {
  /** `connected`: the number is theirs. */
  status: Channel['status'];
  reason: string | null;
  /** Null when there was no answer. */
  responseMs: number | null;
  /** The provider could not be asked: a number that works goes on. */
  unreachable?: boolean;
  /** Of a provider that links phones. */
  link?: LinkWrite;
  facts?: NumberFacts | undefined;
}

interface Rival extends Claim {
  status: Channel['status'];
  holds: boolean;
  proven: boolean;
  claimedAt: Date;
}

/** Shown to the tenant that had the number. */
export const MOVED = CHANNEL_REASONS.moved;

/**
 * Stores the provider's answer. A connected channel gets the number; its holder loses it with a
 * reason and an audit line. The later claim wins, in any order of proofs.
 */
export async function settleClaim(db: Database, claim: Claim, proof: Proof, now: Date): Promise<Settled> {
  return withWorker(db, async (tx) => {
    const rivals = await lockRivals(tx, claim);
    const own = rivals.find(({ id }) => id === claim.id);
    // It was connected again while the provider was asked: that has a check of its own.
    if (own?.credentials !== claim.credentials) return { changed: null, touched: [] };
    // A person disconnected it during the check.
    if (own.status === 'disconnected') return { changed: null, touched: [] };
    const holder = rivals.find(({ id, holds }) => holds && id !== claim.id);
    if (proof.link) await writeLink(tx, claim, proof.link);
    if (proof.facts) await writeFacts(tx, claim, proof.facts);
    if (proof.status !== 'connected') return change(tx, claim, proof, now);
    if (holder?.proven && isLater(holder, own)) return change(tx, claim, LOST_TO_ANOTHER, now);
    if (holder) await release(tx, holder, now);
    await tx`
      update channels set provider_id = ${claim.providerId}, claimed_provider_id = ${claim.providerId}
      where tenant_id = ${claim.tenantId} and id = ${claim.id}`;
    const settled = await change(tx, claim, proof, now);
    return { ...settled, touched: [claim, ...(holder ? [holder] : [])] };
  });
}

/** The channel and the one that holds its number, locked; proofs of one number take turns. */
async function lockRivals(tx: Tx, { id, provider, providerId }: Claim): Promise<Rival[]> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`channel-number:${providerId}`}, 0))`;
  return tx<Rival[]>`
    select ${sealedColumns(tx)}, coalesce(claimed_provider_id, provider_id) as "providerId",
      coalesce(provider_id = ${providerId}, false) as holds, last_connected_at is not null as proven, status,
      coalesce(claimed_at, created_at) as "claimedAt"
    from channels where id = ${id} or (provider = ${provider} and provider_id = ${providerId})
    order by id for update`;
}

/** Ids decide between claims of the same millisecond, the same way in every copy. */
function isLater(one: Rival, other: Rival): boolean {
  const difference = one.claimedAt.getTime() - other.claimedAt.getTime();
  return difference > 0 || (difference === 0 && one.id > other.id);
}

/** Takes the number off its holder; one that never proved it learns nothing. */
async function release(tx: Tx, holder: Rival, now: Date): Promise<void> {
  const { tenantId, id, providerId, proven } = holder;
  await tx`
    update channels set provider_id = null, claimed_provider_id = ${providerId}
    where tenant_id = ${tenantId} and id = ${id}`;
  if (!proven) return;
  const { changed } = await change(tx, holder, LOST_TO_ANOTHER, now);
  if (changed) await enqueue(tx, releasedAudit(changed, MOVED, now));
}

const writeFacts = (tx: Tx, { tenantId, id }: Claim, facts: NumberFacts) => tx`
  update channels set facts = ${tx.json({ ...facts })} where tenant_id = ${tenantId} and id = ${id}`;

const textOfCode = (code: ChannelRow['linkCode'] | undefined): string => `${code?.qr} ${code?.pairingCode}`;

const LOST_TO_ANOTHER: Proof = { status: 'disconnected', reason: MOVED, responseMs: null };

async function change(tx: Tx, claim: Claim, proof: Proof, now: Date): Promise<Settled> {
  const { status, reason, responseMs, link } = proof;
  const changed = await updateStatus(tx, claim.tenantId, claim.id, { status, reason, blockedUntil: null, responseMs });
  if (changed) await enqueue(tx, statusEvent(changed, now));
  const code = link?.step.code;
  if (code && code !== 'keep' && textOfCode(code) !== textOfCode(claim.linkCode)) {
    const row = changed ?? (await selectChannel(tx, claim.tenantId, claim.id))[0]!;
    await enqueue(tx, codeEvent(row, code, now));
  }
  return { changed, touched: [claim] };
}

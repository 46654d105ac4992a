import type { Tx } from '@recado/database';
import type { Deps } from '../deps.ts';
import { joinByIndex } from '../plans.ts';
import { enterCampaigns } from './enter.ts';
import { greet } from './greet.ts';
import { lockRouting } from './lock.ts';
import { routeTenants } from './run.ts';
import { type ConversationKey, findRoutedTenants } from './store.ts';

/**
 * Conversations arrive at campaigns. Their news starts the routing, in a transaction of its own:
 * each locks conversations once, in the common order.
 * @param takeOver whether people take over from the AI
 */
export async function enterChats(
  tx: Tx,
  { tenants }: Pick<Deps, 'tenants'>,
  now: Date,
  keys: readonly ConversationKey[],
  { takeOver = false } = {},
): Promise<void> {
  joinByIndex(tx);
  const own = await onlyRouted(tx, keys);
  const arrived = await enterCampaigns(tx, own, now, { takeOver });
  await greet(tx, arrived, now, tenants, 'arrived');
}

/**
 * Gives waiting chats to agents. Tenants without an active campaign cost one look for all of them.
 * @param waiting conversations that wait since the last look: who still waits is told the place
 */
export async function routeChats(
  tx: Tx,
  { tenants }: Pick<Deps, 'tenants'>,
  now: Date,
  tenantIds: readonly string[],
  waiting: readonly ConversationKey[] = [],
): Promise<void> {
  joinByIndex(tx);
  const routed = await findRoutedTenants(tx, tenantIds);
  const own = waiting.filter(({ tenantId }) => routed.includes(tenantId));
  await routeTenants(tx, routed, now, own);
  await greet(tx, own, now, tenants, 'waits');
}

/** Locks the routing of those of these tenants that have any. Returns them. */
export async function lockRouted(tx: Tx, tenantIds: readonly string[]): Promise<string[]> {
  const routed = await findRoutedTenants(tx, tenantIds);
  if (routed.length > 0) await lockRouting(tx, routed);
  return routed;
}

async function onlyRouted(tx: Tx, keys: readonly ConversationKey[]): Promise<ConversationKey[]> {
  const routed = await findRoutedTenants(
    tx,
    keys.map(({ tenantId }) => tenantId),
  );
  return keys.filter(({ tenantId }) => routed.includes(tenantId));
}

const TIER = /^(?:TIER_)?(\d{1,9})(K?)$/;

/**
 * Customers in 24 hours by Meta's words for a tier: `TIER_250`, `TIER_10K`, a plain number in
 * reports; null for `TIER_UNLIMITED`, -1 and tiers that are not set.
 */
export function readMessagingLimit(told: string): number | null {
  const [, amount, thousands] = TIER.exec(told) ?? [];
  return amount === undefined ? null : Number(amount) * (thousands ? 1000 : 1);
}

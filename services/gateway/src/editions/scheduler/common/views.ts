/** A page as every list of this edition shows it. */
export const pageView = <T, V>(
  { page, limit }: { page: number; limit: number },
  { items, total, nextCursor }: { items: readonly T[]; total: number; nextCursor: string | null },
  view: (item: T) => V,
) => ({
  data: items.map(view),
  // A service of the version before gives no cursor.
  pagination: { page, limit, total, pages: Math.ceil(total / limit), next_cursor: nextCursor ?? null },
});

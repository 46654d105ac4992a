interface ListAnswer<T> {
  items: readonly T[];
  total: number;
  totalIsCapped?: true | undefined;
  nextCursor: string | null;
}

/** A page as every list of this edition shows it. */
export const pageView = <T, V>(
  { page, limit }: { page: number; limit: number },
  { items, total, totalIsCapped, nextCursor }: ListAnswer<T>,
  view: (item: T) => V,
) => ({
  data: items.map(view),
  // A service of the version before gives no cursor.
  pagination: {
    ...{ page, limit, total, pages: Math.ceil(total / limit) },
    ...(totalIsCapped && { total_is_capped: totalIsCapped }),
    next_cursor: nextCursor ?? null,
  },
});

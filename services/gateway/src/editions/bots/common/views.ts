interface ListAnswer {
  items: readonly unknown[];
  total: number | null;
  totalIsCapped?: true | undefined;
  nextCursor: string | null;
}

/** This edition's block of a list's page. */
export function paginationView(
  { page, limit }: { page: number; limit: number },
  { items, total, totalIsCapped, nextCursor }: ListAnswer,
) {
  const count = total ?? items.length;
  const pages = Math.ceil(count / limit);
  return { page, limit, total: count, pages, ...(totalIsCapped && { totalIsCapped }), nextCursor: nextCursor ?? null };
}

/** This edition's block of a list's page. */
export function paginationView(
  { page, limit }: { page: number; limit: number },
  { items, total, nextCursor }: { items: readonly unknown[]; total: number | null; nextCursor: string | null },
) {
  const count = total ?? items.length;
  return { page, limit, total: count, pages: Math.ceil(count / limit), nextCursor: nextCursor ?? null };
}

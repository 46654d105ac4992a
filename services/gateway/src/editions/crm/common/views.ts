import type { User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

/**
 * An agent's name beside a chat or a message; null when no agent is assigned or the user is gone.
 */
export const personView = (user: User | undefined): View<typeof schemas.person> | null =>
  user ? { id: user.id, first_name: user.firstName, last_name: user.lastName } : null;

interface ListAnswer {
  items: readonly unknown[];
  total: number | null;
  totalIsCapped?: true | undefined;
  nextCursor: string | null;
}

/** A service of the version before gives no cursor. */
export const pageMeta = (
  { page, limit }: { page: number; limit: number },
  { items, total, totalIsCapped, nextCursor }: ListAnswer,
) => ({
  current_page: page,
  per_page: limit,
  total: total ?? items.length,
  total_pages: Math.ceil((total ?? items.length) / limit),
  ...(totalIsCapped && { total_is_capped: totalIsCapped }),
  next_cursor: nextCursor ?? null,
});

import type { Tx } from '@recado/database';
import { ofUnblocked } from '../contacts/blocked.ts';
import { seenContacts } from '../contacts/seen.ts';
import { idAt, type Rank } from './ranks.ts';
import { firstStage } from './rules.ts';
import type { BoardRow, StageRow } from './store.ts';

/** The cards of one stage that a caller sees. */
export interface Scope {
  board: BoardRow;
  stage: StageRow;
  /** ownerSeenBy of the caller, for contacts. */
  owner: string | null;
  assignedUserId?: string | undefined;
  tag?: string | undefined;
}

export interface CardPlace {
  id: string;
  rank: Rank;
  /** Null for one that was never placed in this stage. */
  movedAt: Date | null;
}

interface Slice {
  /** Only cards below or above this rank. */
  below?: Rank | undefined;
  above?: Rank | undefined;
  limit: number;
}

/**
 * Cards from the top down, or with `above` the nearest first. Placed ones come by their ranks, the
 * others by their ids: both along an index.
 */
export function selectPlaces(tx: Tx, scope: Scope, { below, above, limit }: Slice) {
  const upwards = above !== undefined;
  const way = upwards ? tx`asc` : tx`desc`;
  const ranked = upwards
    ? tx`and p.rank > ${above}::text::numeric`
    : below
      ? tx`and p.rank < ${below}::text::numeric`
      : tx``;
  const fresh = selectFresh(tx, scope, { below, above, limit });
  return tx<CardPlace[]>`
    select u.id, u.rank::text as rank, u.moved_at as "movedAt" from (
      (select p.card_id as id, p.rank, p.moved_at from board_cards p join ${rowsOf(tx, scope)} on ${idOf(tx, scope)} = p.card_id
       where p.tenant_id = ${scope.board.tenantId} and p.board_id = ${scope.board.id} and p.stage_id = ${scope.stage.id}
         and ${standsIn(tx, scope)} ${ranked}
       order by p.rank ${way}, p.card_id ${way} limit ${limit})
      ${fresh ? tx`union all (${fresh})` : tx``}
    ) u order by u.rank ${way}, u.id ${way} limit ${limit}`;
}

/** Cards that stand here without having been placed; null for a stage that has none such. */
function selectFresh(tx: Tx, scope: Scope, { below, above, limit }: Slice) {
  const { board, stage } = scope;
  const holders = holdersOf(board, stage);
  if (holders === null) return null;
  const id = idOf(tx, scope);
  const way = above === undefined ? tx`desc` : tx`asc`;
  const end = below === undefined ? null : idAt(below);
  const start = above === undefined ? undefined : idAt(above);
  // `idAt` gives the smallest id that is not below: one of that very rank is the card itself.
  const bound =
    above !== undefined
      ? start === null || start === undefined
        ? tx`and false`
        : tx`and ${id} >= ${start}::uuid and ${rankOf(tx, id)} > ${above}::text::numeric`
      : end
        ? tx`and ${id} < ${end}::uuid`
        : tx``;
  return tx`
    select f.id, ${rankOf(tx, tx`f.id`)} as rank, null::timestamptz as moved_at from (
      select ${id} as id from ${rowsOf(tx, scope)}
      where ${standsIn(tx, scope)} ${bound} and not exists (
        select from board_cards q where q.tenant_id = ${board.tenantId} and q.board_id = ${board.id}
          and q.card_id = ${id} and q.stage_id = any(${holders}::uuid[]))
      order by ${id} ${way} limit ${limit}
    ) f`;
}

/**
 * The stages whose places keep a card out of those that were never placed here; null: only placed
 * cards stand here.
 */
function holdersOf(board: BoardRow, stage: StageRow): string[] | null {
  if (board.kind === 'lead_status' || stage.meaning === 'closed') return [stage.id];
  if (firstStage(board)?.id !== stage.id) return null;
  return board.stages.filter(({ meaning }) => meaning !== 'closed').map(({ id }) => id);
}

const isContacts = ({ board }: Scope): boolean => board.kind === 'lead_status';
const rowsOf = (tx: Tx, scope: Scope) => (isContacts(scope) ? tx`contacts k` : tx`conversations c`);
const idOf = (tx: Tx, scope: Scope) => (isContacts(scope) ? tx`k.id` : tx`c.id`);

/** An id as a number: see ranks.ts. */
const rankOf = (tx: Tx, id: ReturnType<typeof idOf>) => tx`(
  ('x' || substr(replace(${id}::text, '-', ''), 1, 8))::bit(32)::bigint::numeric * 79228162514264337593543950336
  + ('x' || substr(replace(${id}::text, '-', ''), 9, 8))::bit(32)::bigint::numeric * 18446744073709551616
  + ('x' || substr(replace(${id}::text, '-', ''), 17, 8))::bit(32)::bigint::numeric * 4294967296
  + ('x' || substr(replace(${id}::text, '-', ''), 25, 8))::bit(32)::bigint::numeric)`;

/** What a row must be to stand in the stage, as far as its chat or contact says. */
function standsIn(tx: Tx, { board, stage, owner, assignedUserId, tag }: Scope) {
  const { tenantId } = board;
  if (board.kind === 'lead_status') {
    return tx`${seenContacts(tx, tenantId, owner)} and k.lead_status = ${stage.leadStatus}
      ${
        assignedUserId
          ? tx`and exists (select from conversations a where a.tenant_id = k.tenant_id and a.contact_id = k.id
                 and a.assigned_user_id = ${assignedUserId} and a.status <> 'closed')`
          : tx``
      }
      ${
        tag
          ? tx`and exists (select from contact_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
                 where l.tenant_id = k.tenant_id and l.contact_id = k.id and lower(t.name) = lower(${tag}))`
          : tx``
      }`;
  }
  return tx`c.tenant_id = ${tenantId} and c.campaign_id = ${board.campaignId}
    and c.status ${stage.meaning === 'closed' ? tx`=` : tx`<>`} 'closed' and ${ofUnblocked(tx)}
    ${assignedUserId ? tx`and c.assigned_user_id = ${assignedUserId}` : tx``}
    ${
      tag
        ? tx`and exists (select from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
               where l.tenant_id = c.tenant_id and l.conversation_id = c.id and lower(t.name) = lower(${tag}))`
        : tx``
    }`;
}

/** How many cards stand in a stage, up to `limit`, and what those are worth. */
export function countCards(tx: Tx, scope: Scope, limit: number) {
  const value = isContacts(scope) ? tx`k.ltv` : tx`c.outcome_value`;
  const { board, stage } = scope;
  const holders = holdersOf(board, stage);
  const placed = (ids: readonly string[]) => tx`exists (
    select from board_cards q where q.tenant_id = ${board.tenantId} and q.board_id = ${board.id}
      and q.card_id = ${idOf(tx, scope)} and q.stage_id = any(${ids as string[]}::uuid[]))`;
  // The status alone says where contacts and closed chats stand.
  const isAll = board.kind === 'lead_status' || stage.meaning === 'closed';
  const where = isAll
    ? tx``
    : holders === null
      ? tx`and ${placed([stage.id])}`
      : tx`and (${placed([stage.id])} or not ${placed(holders)})`;
  return tx<{ count: number; value: number }[]>`
    select count(*)::int as count, coalesce(sum(n.value), 0)::float8 as value from (
      select ${value} as value from ${rowsOf(tx, scope)} where ${standsIn(tx, scope)} ${where} limit ${limit}
    ) n`;
}

/** The place of a card in a stage; null when it does not stand there. */
export async function findPlace(tx: Tx, scope: Scope, cardId: string): Promise<CardPlace | null> {
  const { board, stage } = scope;
  const holders = holdersOf(board, stage);
  const id = idOf(tx, scope);
  const [row] = await tx<CardPlace[]>`
    select ${id} as id, coalesce(p.rank, ${rankOf(tx, id)})::text as rank, p.moved_at as "movedAt"
    from ${rowsOf(tx, scope)} left join board_cards p on p.tenant_id = ${board.tenantId} and p.board_id = ${board.id}
      and p.card_id = ${id} and p.stage_id = ${stage.id}
    where ${id} = ${cardId} and ${standsIn(tx, scope)}
      and (p.card_id is not null ${
        holders === null
          ? tx``
          : tx`or not exists (select from board_cards q where q.tenant_id = ${board.tenantId} and q.board_id = ${board.id}
                 and q.card_id = ${id} and q.stage_id = any(${holders}::uuid[]))`
      })`;
  return row ?? null;
}

/** Places cards in a stage. */
export const savePlaces = (
  tx: Tx,
  { board, stage }: Pick<Scope, 'board' | 'stage'>,
  places: readonly { id: string; rank: Rank }[],
  movedBy: string | null,
) => tx`
  insert into board_cards as p (tenant_id, board_id, card_id, stage_id, rank, moved_by)
  select ${board.tenantId}::uuid, ${board.id}::uuid, n.id, ${stage.id}::uuid, n.rank::numeric, ${movedBy}::uuid
  from unnest(${places.map(({ id }) => id)}::uuid[], ${places.map(({ rank }) => rank)}::text[]) as n (id, rank)
  on conflict (tenant_id, board_id, card_id) do update set
    stage_id = excluded.stage_id, rank = excluded.rank, moved_by = excluded.moved_by, moved_at = now()`;

/** The stage in which a card was placed last. */
export async function findPlacedIn(tx: Tx, { tenantId, id }: BoardRow, cardId: string): Promise<string | null> {
  const [row] = await tx<{ stageId: string }[]>`
    select stage_id as "stageId" from board_cards
    where tenant_id = ${tenantId} and board_id = ${id} and card_id = ${cardId}`;
  return row?.stageId ?? null;
}

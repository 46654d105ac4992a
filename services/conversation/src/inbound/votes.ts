import type { Tx } from '@recado/database';
import type { Item } from './batch.ts';

interface Vote {
  key: string;
  choice: string;
  item: Item;
}

function voteOf(item: Item): Vote | null {
  const { poll, context } = item.data.details ?? {};
  const about = context?.quoted?.providerMessageId;
  if (!poll?.selected || poll.voter === undefined || about === undefined) return null;
  return {
    key: JSON.stringify([item.tenantId, item.data.channelId, about, poll.voter]),
    choice: JSON.stringify(poll.selected),
    item,
  };
}

/**
 * Leaves out votes that change nothing: with each vote in a poll, some providers tell all others
 * again. What a voter chose last decides, so a return to an earlier choice is a vote.
 */
export async function leaveOutSameVotes(tx: Tx, items: Item[]): Promise<Item[]> {
  const votes = items.map(voteOf).filter((vote) => vote !== null);
  if (votes.length === 0) return items;
  const latest = await findChoices(tx, [...new Set(votes.map(({ key }) => key))]);
  const same = new Set<Item>();
  for (const { key, choice, item } of votes) {
    if (latest.get(key) === choice) same.add(item);
    latest.set(key, choice);
  }
  return items.filter((item) => !same.has(item));
}

/** What these voters chose last. */
async function findChoices(tx: Tx, keys: readonly string[]): Promise<Map<string, string>> {
  const parts = keys.map((key) => JSON.parse(key) as [string, string, string, string]);
  const column = (i: number) => parts.map((part) => part[i]!);
  const rows = await tx<{ n: number; selected: string[] }[]>`
    select distinct on (k.n) k.n::int as n, m.details->'poll'->'selected' as selected
    from unnest(${column(0)}::uuid[], ${column(1)}::uuid[], ${column(2)}::text[], ${column(3)}::text[])
      with ordinality as k (tenant_id, channel_id, about, voter, n)
    join messages m on m.tenant_id = k.tenant_id and m.channel_id = k.channel_id
      and m.reply_to_provider_message_id = k.about and (m.details->'poll'->'selected') is not null
      and m.details->'poll'->>'voter' = k.voter
    order by k.n, m.id desc`;
  return new Map(rows.map(({ n, selected }) => [keys[n - 1]!, JSON.stringify(selected)]));
}

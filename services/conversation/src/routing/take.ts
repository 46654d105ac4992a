import type { Tx } from '@recado/database';
import { type AgentRoom, selectRooms } from '../agents/free.ts';
import type { ConversationRow } from '../conversations/store.ts';

/** A chat that no user has, with the campaign it is in or enters. */
export type Unowned = Pick<ConversationRow, 'tenantId' | 'id' | 'status' | 'queuedAt'> & { campaignId: string };

/** Messages in which the last person who wrote is looked for. */
const LOOK_BACK = 50;

/**
 * The user who takes each chat, because they wrote in it last and routing could give it to them
 * now. The caller has locked the tenant's routing and the chats.
 */
export async function findTakers(tx: Tx, chats: readonly Unowned[]): Promise<Map<string, string>> {
  const answered = chats.filter(({ status }) => ANSWERED.has(status));
  const takers = new Map<string, string>();
  if (answered.length === 0) return takers;
  const writers = await selectWriters(tx, answered);
  if (writers.length === 0) return takers;
  const rooms = new Map((await selectRooms(tx, writers)).map((room) => [keyOf(room), room.room]));
  const taken = new Map<string, number>();
  for (const writer of writers) {
    const own = taken.get(writer.userId) ?? 0;
    if (own >= (rooms.get(keyOf(writer)) ?? 0)) continue;
    taken.set(writer.userId, own + 1);
    takers.set(writer.conversationId, writer.userId);
  }
  return takers;
}

/** The others wait for a first answer. */
const ANSWERED: ReadonlySet<ConversationRow['status']> = new Set(['queued', 'active', 'pending']);

const keyOf = ({ tenantId, userId, campaignId }: Omit<AgentRoom, 'room'>) => `${tenantId} ${userId} ${campaignId}`;

type Writer = Omit<AgentRoom, 'room'> & { conversationId: string };

/** In a queue, a message of before the chat came to wait is no claim to it. */
const selectWriters = (tx: Tx, chats: readonly Unowned[]) =>
  tx<Writer[]>`
    select n.tenant_id as "tenantId", n.id as "conversationId", n.campaign_id as "campaignId", w.user_id as "userId"
    from unnest(${chats.map((c) => c.tenantId)}::uuid[], ${chats.map((c) => c.id)}::uuid[],
                ${chats.map((c) => c.campaignId)}::uuid[],
                ${chats.map((c) => (c.status === 'queued' ? (c.queuedAt?.toISOString() ?? null) : null))}::text[]::timestamptz[])
      with ordinality as n (tenant_id, id, campaign_id, since, n)
    cross join lateral (
      select m.user_id from (
        select m.* from messages m where m.tenant_id = n.tenant_id and m.conversation_id = n.id
        order by m.sent_time desc, m.id desc limit ${LOOK_BACK}
      ) m
      where m.author = 'user' and m.user_id is not null and m.type <> 'reaction'
        and (n.since is null or m.created_at >= n.since)
      order by m.sent_time desc, m.id desc limit 1
    ) w
    order by n.n`;

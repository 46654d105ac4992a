import type { conversationApi, RouteOutput } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { selectExistence } from '../../conversations/list.ts';

type Counted = RouteOutput<typeof conversationApi.countMessages>['items'];

/**
 * How many messages of a conversation have each direction and status. As in its own count,
 * reactions and notices are left out.
 * @throws NotFound `conversation`
 */
export async function countMessages(db: Database, tenantId: string, conversationId: string): Promise<Counted> {
  const queries = (tx: Tx) =>
    [
      selectExistence(tx, tenantId, conversationId),
      tx<Counted>`
        select m.direction, m.status, count(*)::int as count from messages m
        where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
          and m.type <> 'reaction' and (m.type <> 'system' or m.details ? 'call')
        group by m.direction, m.status order by m.direction, m.status`,
    ] as const;
  const [found, rows] = await readTenant(db, tenantId, queries, 'report');
  if (found.length === 0) throw new NotFound('conversation', conversationId);
  return [...rows];
}

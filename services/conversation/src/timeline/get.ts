import {
  type conversationApi,
  type RouteInput,
  type RouteOutput,
  TIMELINE_KINDS,
  type TimelineEntry,
} from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { type Caller, holdsPermission, timeAndId as keys, NotFound, ownerSeenBy, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { seenContacts } from '../contacts/seen.ts';
import { taskPersonOf } from '../tasks/seen.ts';
import { selectTimeline, type TimelineRow } from './store.ts';

type Query = RouteInput<typeof conversationApi.getTimeline>['query'];
const walk = walkOf('timeline', { ...keys, kind: z.enum(TIMELINE_KINDS) });

/** A page of a contact's timeline, of what the caller may see. @throws NotFound `contact` */
export async function getTimeline(
  db: Database,
  caller: Caller,
  contactId: string,
  { limit, cursor, ...filter }: Query,
): Promise<RouteOutput<typeof conversationApi.getTimeline>> {
  const { tenantId } = caller;
  const slice = walk.slice({ limit, cursor });
  const sight = {
    chats: holdsPermission(caller, 'chats.read'),
    tasksOf: holdsPermission(caller, 'tasks.read') ? taskPersonOf(caller) : undefined,
  };
  const [found, rows] = await readTenant(db, tenantId, (tx) => [
    tx`select 1 from contacts k where ${seenContacts(tx, tenantId, ownerSeenBy(caller))} and k.id = ${contactId}`,
    selectTimeline(tx, tenantId, contactId, filter, slice, sight),
  ]);
  if (found.length === 0) throw new NotFound('contact', contactId);
  const { items, nextCursor } = walk.page(rows, limit, ({ at, kind, id }) => ({ at, kind, id }));
  return { items: items.map(entryView), nextCursor };
}

const entryView = ({ at, ...row }: TimelineRow): TimelineEntry => ({ ...row, at: at.toISOString() });

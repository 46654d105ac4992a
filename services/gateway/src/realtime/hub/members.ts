import type { Cursor } from '../stream/cursor.ts';
import type { RealtimeEvent, RealtimeSession } from '../types.ts';
import { kindOf } from './frames.ts';

/** A connected client, as the hub sees it. */
export interface Member {
  session: RealtimeSession;
  kind: string;
  /**
   * It has everything up to here, and the feed may still be behind it; null once the feed is past
   * it.
   */
  reached: Cursor | null;
  /** Events kept back while it catches up; null when it is live. */
  waiting: RealtimeEvent[] | null;
}

type OfTenant = ReadonlyMap<RealtimeSession, Member>;

/** The connected clients by tenant. */
export interface Members {
  add(session: RealtimeSession): void;
  remove(session: RealtimeSession): void;
  find(session: RealtimeSession): Member | undefined;
  /** Undefined when none is connected. */
  ofTenant(tenantId: string): OfTenant | undefined;
  isEmpty(): boolean;
  /** Of one tenant, or of all. */
  sessions(tenantId?: string): RealtimeSession[];
}

export function createMembers(): Members {
  const tenants = new Map<string, Map<RealtimeSession, Member>>();
  return {
    add(session) {
      const members = tenants.get(session.tenantId) ?? new Map<RealtimeSession, Member>();
      tenants.set(session.tenantId, members);
      members.set(session, { session, kind: kindOf(session.caller), reached: null, waiting: [] });
    },
    remove(session) {
      const members = tenants.get(session.tenantId);
      members?.delete(session);
      if (members?.size === 0) tenants.delete(session.tenantId);
    },
    find: (session) => tenants.get(session.tenantId)?.get(session),
    ofTenant: (tenantId) => tenants.get(tenantId),
    isEmpty: () => tenants.size === 0,
    sessions: (tenantId) =>
      tenantId ? [...(tenants.get(tenantId)?.keys() ?? [])] : [...tenants.values()].flatMap((all) => [...all.keys()]),
  };
}

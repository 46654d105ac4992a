import { tenantOf } from '../consumer/decode.ts';
import type { Sql } from '../types.ts';
import { NO_TENANT, readRoundRobin, readUnsent, TENANTS_A_READ, type UnsentRow } from './store.ts';

export interface Reading {
  /**
   * The next unsent rows that are not in flight, of one tenant about `each` at most; `complete`
   * when there are no others.
   */
  next(inFlight: Iterable<string>, limit: number, each: number): Promise<{ rows: UnsentRow[]; complete: boolean }>;
  /** The oldest rows of the next tenants other than `except`. */
  nextOfOthers(inFlight: Iterable<string>, except: Iterable<string>): Promise<UnsentRow[]>;
  /** Not all of it could be sent: what is left is read in turns, one tenant after the other. */
  keepBacklog(): void;
  /** Rows may stand before those that were read last. */
  startOver(): void;
}

const FROM_START_MS = 1000;
/** Rows of each tenant that goes before others have room. */
const FEW_ROWS = 4;

/**
 * Decides the leader's next read. A short queue is read by age. A backlog is read round-robin, so a
 * tenant with 100,000 rows delays others by one turn. A tenant's rows stay in order.
 */
export function createReading(sql: Sql): Reading {
  /** See readUnsent. */
  let near: string | null = null;
  let lookedFromStart = Number.NEGATIVE_INFINITY;
  /** The tenant after which the next turn begins; null while the queue is short. */
  let after: string | null = null;
  let perTenant = 1;
  /** The same for those that go before others have room. */
  let afterOthers = NO_TENANT;

  async function nextByAge(inFlight: Iterable<string>, limit: number) {
    const now = performance.now();
    const fromStart = near === null || now - lookedFromStart > FROM_START_MS;
    const { rows, lastCreated } = await readUnsent(sql, inFlight, limit, fromStart ? null : near);
    const complete = rows.length < limit;
    if (fromStart && complete) lookedFromStart = now;
    near = fromStart && !complete ? null : (lastCreated ?? near);
    if (!complete) after = NO_TENANT;
    return { rows, complete };
  }

  async function nextInTurns(inFlight: Iterable<string>, limit: number, each: number, from: string) {
    const most = Math.min(perTenant, limit, each);
    const found = await readRoundRobin(sql, inFlight, { limit, perTenant: most, after: from });
    const { rows, tenants, lastTenant } = found;
    const allTenants = tenants < TENANTS_A_READ;
    const complete = from === NO_TENANT && allTenants && rows.length < limit && found.most < most;
    // Few tenants have more rows each, so that a read is worth its round trip.
    perTenant = Math.max(4, Math.ceil((2 * limit) / Math.max(tenants, 1)));
    after = allTenants || lastTenant === null ? NO_TENANT : lastTenant;
    if (complete) {
      after = null;
      near = null;
    }
    return { rows, complete };
  }

  return {
    next: (inFlight, limit, each) =>
      after === null ? nextByAge(inFlight, limit) : nextInTurns(inFlight, limit, each, after),
    async nextOfOthers(inFlight, except) {
      const wanted = { limit: TENANTS_A_READ, perTenant: FEW_ROWS, after: afterOthers, except };
      const { rows, tenants, lastTenant } = await readRoundRobin(sql, inFlight, wanted);
      const allTenants = tenants < TENANTS_A_READ && rows.length < TENANTS_A_READ;
      afterOthers = allTenants || lastTenant === null ? NO_TENANT : lastTenant;
      return rows;
    },
    keepBacklog() {
      after ??= NO_TENANT;
    },
    startOver() {
      near = null;
    },
  };
}

/** Rows in turns of their tenants, each tenant's in the order given. */
export function roundRobin(rows: readonly UnsentRow[]): UnsentRow[] {
  const queues = new Map<string, UnsentRow[]>();
  for (const row of rows) {
    const tenant = tenantOf(row.subject) ?? '';
    const queue = queues.get(tenant);
    if (queue) queue.push(row);
    else queues.set(tenant, [row]);
  }
  if (queues.size < 2) return [...rows];
  const found: UnsentRow[] = [];
  for (let turn = 0; found.length < rows.length; turn++) {
    for (const queue of queues.values()) if (turn < queue.length) found.push(queue[turn]!);
  }
  return found;
}

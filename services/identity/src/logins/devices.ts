import { createHash } from 'node:crypto';
import type { Database, Tx } from '@recado/database';
import { neighbourhoodOf } from './network.ts';

/** The edge's data about the device of a log-in. */
export interface DeviceClient {
  ip?: string | null | undefined;
  userAgent?: string | null | undefined;
  /** A random mark that the browser keeps as a cookie. */
  device?: string | undefined;
  sharedAddress?: boolean | undefined;
}

/** A device that was not used for so long is forgotten. */
const KEEP = '180 days';
/** Known devices of one user; the least recently used go first. */
const MAX_DEVICES = 20;

/**
 * How a device is recognised, the surest first: by its cookie; without cookies by neighbourhood and
 * user agent. The second is no mark where many people share an address. Only hashes are kept.
 */
export function deviceMarks({ ip, userAgent, device, sharedAddress }: DeviceClient): string[] {
  const marks: string[] = [];
  if (device) marks.push(markOf('cookie', device));
  const neighbourhood = neighbourhoodOf(ip);
  if (neighbourhood && userAgent && !sharedAddress) marks.push(markOf('agent', `${neighbourhood}\n${userAgent}`));
  return marks;
}

const markOf = (kind: string, value: string): string =>
  createHash('sha256').update(`${kind}\n${value}`).digest('base64url');

/**
 * The first of the marks by which the user is known, for a query on users `u`; null when it is by
 * none.
 */
export const knownDevice = (sql: Tx | Database['sql'], marks: readonly string[]) => sql`(
  select k.mark from known_devices k
  where k.tenant_id = u.tenant_id and k.user_id = u.id and k.mark = any(${marks as string[]}::text[])
    and k.last_used_at > now() - ${KEEP}::interval
  order by array_position(${marks as string[]}::text[], k.mark) limit 1)`;

/** Remembers the device of a log-in that succeeded. */
export async function rememberDevice(tx: Tx, tenantId: string, userId: string, client: DeviceClient): Promise<void> {
  const marks = deviceMarks(client);
  if (marks.length === 0) return;
  await tx`
    insert into known_devices (tenant_id, user_id, mark)
    select ${tenantId}::uuid, ${userId}::uuid, mark from unnest(${marks}::text[]) as given (mark)
    on conflict (tenant_id, user_id, mark) do update set last_used_at = now()`;
  await tx`
    delete from known_devices where tenant_id = ${tenantId} and user_id = ${userId} and mark in (
      select mark from known_devices where tenant_id = ${tenantId} and user_id = ${userId}
      order by last_used_at desc, mark offset ${MAX_DEVICES})`;
}

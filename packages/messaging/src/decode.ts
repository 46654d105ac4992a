import type { Envelope, EventContract } from '@recado/contracts';
import type { z } from 'zod';
import type { Delivered } from './types.ts';

const TEXT = new TextDecoder('utf-8', { fatal: true });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where the bytes of an event come from. */
export interface Source {
  subject: string;
  seq: number;
  replay: boolean;
}

export type Decoded<T> = { event: Delivered<T> } | { malformed: string; eventId: string | null };

/**
 * Reads an envelope and parses its data by the contract, so that handlers may trust the types. The tenant must be the one
 * the subject names: a publisher of one tenant cannot speak for another.
 */
export function decodeEvent<D extends z.ZodType>(
  contract: EventContract<D>,
  data: Uint8Array | string,
  source: Source,
): Decoded<z.output<D>> {
  let envelope: Envelope;
  try {
    envelope = JSON.parse(typeof data === 'string' ? data : TEXT.decode(data));
  } catch (error) {
    return { malformed: `not JSON: ${error instanceof Error ? error.message : error}`, eventId: null };
  }
  if (typeof envelope !== 'object' || envelope === null) return { malformed: 'not an object', eventId: null };
  const { id, tenantid } = envelope;
  const eventId = typeof id === 'string' && UUID.test(id) ? id : null;
  if (eventId === null) return { malformed: 'id is not a UUID', eventId };
  if (envelope.type !== contract.type) return { malformed: `type is not ${contract.type}`, eventId };
  if (typeof tenantid !== 'string' || tenantid !== tenantOf(source.subject)) {
    return { malformed: 'tenantid is not the tenant of the subject', eventId };
  }
  const parsed = contract.data.safeParse(envelope.data);
  if (!parsed.success) {
    const issues = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
    return { malformed: issues.join('; '), eventId };
  }
  envelope.data = parsed.data;
  return {
    event: {
      envelope: envelope as Envelope<z.output<D>>,
      data: parsed.data,
      tenantId: tenantid,
      id: eventId,
      seq: source.seq,
      replay: source.replay,
    },
  };
}

/** `recado.<service>.<tenant>.…` → the tenant, or null when that token is no UUID. */
export function tenantOf(subject: string): string | null {
  const tenant = subject.split('.', 3)[2];
  return tenant !== undefined && UUID.test(tenant) ? tenant : null;
}

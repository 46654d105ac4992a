import type { Envelope, EventContract } from '@recado/contracts';
import type { z } from 'zod';
import type { Delivered } from '../types.ts';

const TEXT = new TextDecoder('utf-8', { fatal: true });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where the bytes of an event come from. */
export interface Source {
  subject: string;
  seq: number;
  replay: boolean;
}

export interface Malformed {
  reason: string;
  /** Null when not even that could be read. */
  eventId: string | null;
  /** The one event of an event batch; null when it is the whole message. */
  text: string | null;
}

/** What a message holds: an event, or an event batch of them. */
export interface Decoded<T> {
  events: Delivered<T>[];
  malformed: Malformed[];
  /** Whether it was sent as an event batch, an array. */
  isEventBatch: boolean;
}

/**
 * Reads a message's envelopes and parses their data by the contract (1 µs of an event's 5). The
 * tenant must be the subject's, so a publisher cannot speak for another tenant.
 */
export function decodeMessage<D extends z.ZodType>(
  contract: EventContract<D>,
  data: Uint8Array | string,
  source: Source,
): Decoded<z.output<D>> {
  const decoded: Decoded<z.output<D>> = { events: [], malformed: [], isEventBatch: false };
  let content: unknown;
  try {
    content = JSON.parse(typeof data === 'string' ? data : TEXT.decode(data));
  } catch (error) {
    const reason = `not JSON: ${error instanceof Error ? error.message : error}`;
    decoded.malformed.push({ reason, eventId: null, text: null });
    return decoded;
  }
  decoded.isEventBatch = Array.isArray(content);
  const tenantId = tenantOf(source.subject);
  for (const one of decoded.isEventBatch ? (content as unknown[]) : [content]) {
    const result = decodeEvent(contract, one, source, tenantId);
    if ('event' in result) decoded.events.push(result.event);
    else decoded.malformed.push({ ...result, text: decoded.isEventBatch ? JSON.stringify(one) : null });
  }
  return decoded;
}

function decodeEvent<D extends z.ZodType>(
  contract: EventContract<D>,
  content: unknown,
  source: Source,
  tenantId: string | null,
): { event: Delivered<z.output<D>> } | { reason: string; eventId: string | null } {
  if (typeof content !== 'object' || content === null) return { reason: 'not an object', eventId: null };
  const envelope = content as Envelope;
  const eventId = isUuid(envelope.id) ? envelope.id : null;
  if (eventId === null) return { reason: 'id is not a UUID', eventId };
  if (envelope.type !== contract.type) return { reason: `type is not ${contract.type}`, eventId };
  if (tenantId === null || envelope.tenantid !== tenantId) {
    return { reason: 'tenantid is not the tenant of the subject', eventId };
  }
  const parsed = contract.data.safeParse(envelope.data);
  if (!parsed.success) {
    const issues = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
    return { reason: issues.join('; '), eventId };
  }
  envelope.data = parsed.data;
  return {
    event: {
      envelope: envelope as Envelope<z.output<D>>,
      data: parsed.data,
      tenantId,
      id: eventId,
      seq: source.seq,
      replay: source.replay,
    },
  };
}

/** One event of a message as it came over the wire: what a later version may read more of. */
export function rawEvent(data: Uint8Array, eventId: string): string {
  const text = TEXT.decode(data);
  const content: unknown = JSON.parse(text);
  if (!Array.isArray(content)) return text;
  return JSON.stringify(content.find((one) => one?.id === eventId));
}

/** `recado.<service>.<tenant>.…` → the tenant, or null when that token is no UUID. */
export function tenantOf(subject: string): string | null {
  const tenant = subject.split('.', 3)[2];
  return isUuid(tenant) ? tenant : null;
}

export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text);
}

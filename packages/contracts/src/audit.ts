import { z } from 'zod';
import { type BuiltEvent, buildEvent, type EventContract } from './event.ts';
import { isoTime, uuid } from './primitives.ts';
import type { CallKey } from './route.ts';

/**
 * One change as the audit log keeps it. Values in `changes` are what people may see: secrets never
 * get here.
 */
export const auditData = z.object({
  actor: z.object({
    kind: z.enum(['user', 'api_key', 'service', 'anonymous']),
    userId: uuid().nullable(),
    apiKeyId: uuid().nullable(),
    /** The service that acted on its own account; null for people and keys. */
    service: z.string().nullable(),
  }),
  /** `<entity>.<verb>` in the imperative: `user.update`, `conversation.transfer`. */
  action: z.string(),
  /** Snake case, our own vocabulary: `user`, `conversation`, `channel`. */
  entityType: z.string(),
  entityId: z.string().nullable(),
  /**
   * Field → what it was and what it became. Null when nothing comparable changed (a log-in, a
   * send).
   */
  changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })).nullable(),
  success: z.boolean(),
  /** Why it failed, an error code. */
  reason: z.string().nullable(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  edition: z.string().nullable(),
  requestId: z.string().nullable(),
  at: isoTime(),
});
export type AuditEntry = z.infer<typeof auditData>;
export type AuditEvent = EventContract<typeof auditData>;

/**
 * Who changed something, from where. A service makes it of the request (service-kit's `originOf`).
 */
export interface AuditOrigin {
  tenantId: string;
  actor: AuditEntry['actor'];
  ip: string | null;
  userAgent: string | null;
  edition: string | null;
  requestId: string | null;
  traceparent?: string | undefined;
  /** Automation rules whose effect it is: events name them, the audit log does not. */
  cause?: readonly string[] | undefined;
  /**
   * The Idempotency-Key of the call, for the transaction that makes the change; never part of what
   * is recorded.
   */
  callKey?: CallKey | undefined;
}

export interface AuditInput {
  action: string;
  entityType: string;
  entityId: string | null;
  changes?: AuditEntry['changes'];
  success?: boolean;
  reason?: string | null;
  at?: Date;
}

/**
 * The audit event of a change, for the outbox of the change's own transaction. `contract`: the
 * service's own (events/audit.ts).
 */
export function buildAudit(contract: AuditEvent, origin: AuditOrigin, input: AuditInput): BuiltEvent {
  const { tenantId, traceparent, callKey: _, cause: __, ...from } = origin;
  const { at = new Date(), changes = null, success = true, reason = null, ...what } = input;
  const data: AuditEntry = { ...from, ...what, changes, success, reason, at: at.toISOString() };
  return buildEvent(contract, { tenantId, subject: what.entityId ?? undefined, traceparent, time: at, data });
}

/**
 * Names of fields that may hold a secret: their values are never compared or shown. A model's
 * `maxTokens` is not a secret.
 */
const SECRET = /pass(?:word|wd|phrase)|secret|(?<!max_?)token|credential|api_?key|private|hash|otp|backup_?code/i;

/**
 * What differs between two states of an entity, field by field (JSON values compared whole). A
 * secret field that changed shows that it did, not what it holds. Null when nothing did.
 */
export function changesBetween(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): AuditEntry['changes'] {
  const changes: NonNullable<AuditEntry['changes']> = {};
  for (const field of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const [from, to] = [plain(before?.[field]), plain(after?.[field])];
    if (JSON.stringify(from) === JSON.stringify(to)) continue;
    changes[field] = { from: shown(field, from), to: shown(field, to) };
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

/**
 * The same changes without what a field of such a name holds, at any depth: for those who keep what
 * others compared.
 */
export function redactChanges(changes: NonNullable<AuditEntry['changes']>): NonNullable<AuditEntry['changes']> {
  return Object.fromEntries(
    Object.entries(changes).map(([field, { from, to }]) => [field, { from: shown(field, from), to: shown(field, to) }]),
  );
}

/** A field's value as people may see it. */
const shown = (field: string, value: unknown): unknown =>
  SECRET.test(field) && value !== null && value !== undefined ? '***' : redactDeep(value);

const plain = (value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  const json: unknown = JSON.parse(JSON.stringify(value));
  return redactDeep(json);
};

/** Settings and metadata may hold objects with secrets of their own inside. */
function redactDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.test(key) && inner !== null ? '***' : redactDeep(inner)]),
  );
}

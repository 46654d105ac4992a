import { type ContactEventKind, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type ChangedFields, kindsOf } from './changes.ts';

/** Something that happened to a contact. */
export interface ContactEvent {
  tenantId: string;
  contactId: string;
  kind: ContactEventKind;
  at: Date;
  conversationId?: string | null;
  userId?: string | null;
  data?: Record<string, string | null> | null;
}

/** Keeps what happened for the timelines, in the transaction in which it does. */
export async function recordContactEvents(tx: Tx, events: readonly ContactEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx`
    insert into contact_events (tenant_id, contact_id, at, id, kind, conversation_id, user_id, data)
    select tenant_id, contact_id, at::timestamptz, id, kind, conversation_id, user_id, data::jsonb
    from unnest(${events.map((e) => e.tenantId)}::uuid[], ${events.map((e) => e.contactId)}::uuid[],
                ${events.map((e) => e.at.toISOString())}::text[], ${events.map(() => uuidv7())}::uuid[],
                ${events.map((e) => e.kind)}::text[], ${events.map((e) => e.conversationId ?? null)}::uuid[],
                ${events.map((e) => e.userId ?? null)}::uuid[],
                ${events.map((e) => (e.data ? JSON.stringify(e.data) : null))}::text[])
      as n (tenant_id, contact_id, at, id, kind, conversation_id, user_id, data)`;
}

type Wishes = { marketingStoppedAt: Date | null; blockedAt: Date | null };

/** What a change by a person says of marketing and blocks. */
export function wishEvents(
  before: Wishes,
  after: Wishes,
  about: Pick<ContactEvent, 'tenantId' | 'contactId' | 'userId' | 'at'>,
): ContactEvent[] {
  const turned = (field: keyof Wishes) => (before[field] === null) !== (after[field] === null);
  const marketing = after.marketingStoppedAt === null ? 'contact.opted_in' : 'contact.opted_out';
  const block = after.blockedAt === null ? 'contact.unblocked' : 'contact.blocked';
  return [
    ...(turned('marketingStoppedAt') ? [{ ...about, kind: marketing } as const] : []),
    ...(turned('blockedAt') ? [{ ...about, kind: block } as const] : []),
  ];
}

interface Chat {
  tenantId: string;
  id: string;
  contactId: string;
}

/** What a change of a chat is in the timeline of its contact. */
export const changeEvents = (
  { tenantId, id: conversationId, contactId }: Chat,
  changes: ChangedFields,
  by: { userId: string | null; at: Date },
): ContactEvent[] => kindsOf(changes).map((one) => ({ tenantId, contactId, conversationId, ...by, ...one }));

export const recordChange = (tx: Tx, chat: Chat, changes: ChangedFields, by: { userId: string | null; at: Date }) =>
  recordContactEvents(tx, changeEvents(chat, changes, by));

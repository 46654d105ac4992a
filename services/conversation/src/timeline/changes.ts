import type { ContactEventKind } from '@recado/contracts';

/** Fields of a chat that changed, as the audit log tells them. */
export type ChangedFields = Readonly<Record<string, { from: unknown; to: unknown }>>;

interface Told {
  kind: ContactEventKind;
  data?: Record<string, string | null>;
}

/** What a timeline tells of a change of a chat: where it went, and whether it is open. */
export function kindsOf({ status, assignedUserId, campaignId }: ChangedFields): Told[] {
  const told: Told[] = [];
  if (status?.to === 'closed') return [{ kind: 'chat.closed' }];
  if (status?.from === 'closed') told.push({ kind: 'chat.reopened' });
  if (campaignId) told.push({ kind: 'chat.campaign', data: { campaignId: textOf(campaignId.to) } });
  if (assignedUserId?.to) told.push({ kind: 'chat.assigned', data: { userId: textOf(assignedUserId.to) } });
  else if (assignedUserId) told.push({ kind: 'chat.queued' });
  return told;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

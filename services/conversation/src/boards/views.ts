import type { Board, BoardCard, Conversation, LeadStatus } from '@recado/contracts';
import type { BoardRow, StageRow } from './store.ts';

export const stageView = (s: StageRow): Board['stages'][number] => ({
  id: s.id,
  name: s.name,
  color: s.color,
  wipLimit: s.wipLimit,
  leadStatus: s.leadStatus,
  isClosed: s.meaning === 'closed',
});

export const boardView = (b: BoardRow): Board => ({
  id: b.id,
  name: b.name,
  kind: b.kind,
  campaignId: b.campaignId,
  stages: b.stages.map(stageView),
  createdBy: b.createdBy,
  createdAt: b.createdAt.toISOString(),
  updatedAt: b.updatedAt.toISOString(),
});

/** A card as it is read: of a chat or a contact. */
export interface CardRow {
  id: string;
  contactId: string;
  contactName: string | null;
  contactPhone: string | null;
  contactCompany: string | null;
  leadStatus: LeadStatus;
  leadScore: number;
  conversationId: string | null;
  status: Conversation['status'] | null;
  assignedUserId: string | null;
  unreadCount: number;
  lastMessageAt: Date | null;
  tags: string[];
  value: number | null;
  createdAt: Date;
}

export const cardView = (c: CardRow, stageId: string, movedAt: Date | null): BoardCard => ({
  id: c.id,
  stageId,
  contact: {
    id: c.contactId,
    name: c.contactName,
    phone: c.contactPhone,
    company: c.contactCompany,
    leadStatus: c.leadStatus,
    leadScore: c.leadScore,
  },
  conversationId: c.conversationId,
  status: c.status,
  assignedUserId: c.assignedUserId,
  unreadCount: c.unreadCount,
  lastMessageAt: c.lastMessageAt?.toISOString() ?? null,
  tags: c.tags,
  value: c.value,
  movedAt: movedAt?.toISOString() ?? null,
  createdAt: c.createdAt.toISOString(),
});

/** What the audit log compares of a board. */
export const auditedBoard = ({ name, kind, campaignId, stages }: BoardRow) => ({
  name,
  kind,
  campaignId,
  stages: stages.map((stage) => {
    const { id: _, ...rest } = stageView(stage);
    return rest;
  }),
});

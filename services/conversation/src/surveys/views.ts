import type { Survey, SurveySkip } from '@recado/contracts';
import type { SurveyRow } from './store.ts';

/** A survey as lists show it. */
export type ShownSurvey = SurveyRow & { contactName: string | null; contactPhone: string | null };

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export const surveyView = (s: ShownSurvey): Survey => ({
  id: s.id,
  conversationId: s.conversationId,
  contact: { id: s.contactId, name: s.contactName, phone: s.contactPhone },
  channelId: s.channelId,
  campaignId: s.campaignId,
  userId: s.userId,
  handledBy: s.handledBy,
  status: s.status,
  reason: s.reason as SurveySkip | null,
  scale: s.settings.scale,
  way: s.way,
  messageId: s.messageId,
  score: s.score,
  comment: s.comment,
  closedAt: s.closedAt.toISOString(),
  askedAt: iso(s.askedAt),
  answeredAt: iso(s.answeredAt),
});

/** A survey in events. */
export const surveyFacts = (s: SurveyRow) => ({
  surveyId: s.id,
  contactId: s.contactId,
  conversationId: s.conversationId,
  channelId: s.channelId,
  campaignId: s.campaignId,
  userId: s.userId,
  handledBy: s.handledBy,
  scale: s.settings.scale,
});

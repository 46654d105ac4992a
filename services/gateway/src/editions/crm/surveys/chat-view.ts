import type { Survey } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

/** Beside a chat. */
export const chatSurveyView = (survey: Survey): View<typeof schemas.chatSurvey> => ({
  id: survey.id,
  status: survey.status,
  reason: survey.reason,
  scale: survey.scale,
  score: survey.score,
  comment: survey.comment,
  handled_by: survey.handledBy,
  channel: survey.way,
  asked_at: survey.askedAt,
  answered_at: survey.answeredAt,
});

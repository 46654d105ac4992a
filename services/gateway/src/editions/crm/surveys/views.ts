import type { conversationApi, RouteOutput, Survey, SurveySettings, SurveySummary } from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import { type ChatNames, numberName, personNames } from '../chats/views.ts';
import { personView } from '../common/views.ts';
import { chatSurveyView } from './chat-view.ts';
import type * as schemas from './schemas.ts';

type Found = RouteOutput<typeof conversationApi.getSurveySettings>;

export const settingsView = ({ campaignId, isInherited, settings: s }: Found): View<typeof schemas.settings> => ({
  campaign_id: campaignId,
  is_inherited: isInherited,
  enabled: s.enabled,
  scale: s.scale,
  question: s.question,
  ask_comment: s.askComment,
  comment_question: s.commentQuestion,
  thanks: s.thanks,
  delay_seconds: s.delaySeconds,
  answer_hours: s.answerHours,
  comment_minutes: s.commentMinutes,
  min_days: s.minDays,
  ask_ai_only: s.askAiOnly,
  template: s.template,
});

/** What a body says, in the names inside. */
export const settingsInside = (body: z.output<typeof schemas.settingsBody>): SurveySettings => ({
  enabled: body.enabled,
  scale: body.scale,
  question: body.question,
  askComment: body.ask_comment,
  commentQuestion: body.comment_question,
  thanks: body.thanks,
  delaySeconds: body.delay_seconds,
  answerHours: body.answer_hours,
  commentMinutes: body.comment_minutes,
  minDays: body.min_days,
  askAiOnly: body.ask_ai_only,
  template: body.template,
});

export const surveyView = (survey: Survey, names: ChatNames): View<typeof schemas.survey> => ({
  ...chatSurveyView(survey),
  chat_id: survey.conversationId,
  client: survey.contact && {
    id: survey.contact.id,
    ...personNames(survey.contact),
    phone_number: survey.contact.phone,
  },
  agent: survey.userId === null ? null : personView(names.users.get(survey.userId)),
  campaign:
    survey.campaignId === null ? null : (names.campaigns.get(survey.campaignId) ?? { id: survey.campaignId, name: '' }),
  whatsapp_number: numberName(survey.channelId, names),
  closed_at: survey.closedAt,
});

const ratesOf = (rates: Omit<SurveySummary, 'agents'>) => ({
  asked: rates.asked,
  answered: rates.answered,
  commented: rates.commented,
  response_rate: rates.responseRate,
  avg_rating: rates.average,
  rating_distribution: rates.distribution,
});

export const summaryView = (
  summary: SurveySummary,
  period: { from: string; to: string },
  users: ChatNames['users'],
): View<typeof schemas.summary> => ({
  period,
  ...ratesOf(summary),
  agents: summary.agents.map(({ userId, ...rates }) => ({
    agent: userId === null ? null : personView(users.get(userId)),
    ...ratesOf(rates),
  })),
});

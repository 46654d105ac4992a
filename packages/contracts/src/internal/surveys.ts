import { z } from 'zod';
import { isoTime, text, totalIsCapped, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';

/** Languages in which customers are asked. Without words of its own, one has ours. */
const words = z.strictObject({ es: text(900), pt: text(900), en: text(900) }).partial();

/** How customers are asked about a chat once it is closed. */
export const surveySettings = z
  .strictObject({
    enabled: z.boolean(),
    scale: z.enum(['five', 'thumbs']).default('five').describe('1 to 5, or thumbs: down is 1 and up is 5'),
    question: words.default({}).describe('By the language of the country of the phone'),
    askComment: z.boolean().default(true).describe('A free text is asked for after the score'),
    commentQuestion: words.default({}),
    thanks: words.default({}),
    delaySeconds: z.number().int().min(0).max(604_800).default(60).describe('From the close to the question'),
    answerHours: z.number().int().min(1).max(168).default(24).describe('Later, a number is a message as any other'),
    commentMinutes: z.number().int().min(1).max(1440).default(30).describe('From the score to the comment'),
    minDays: z.number().int().min(0).max(365).default(7).describe('A contact is asked once in so many days'),
    askAiOnly: z.boolean().default(true).describe('Also about chats that only the AI answered'),
    template: z
      .strictObject({
        name: text(512),
        language: text(20),
        params: z
          .record(z.string().max(64), z.string().max(1000))
          .default({})
          .describe("`{{name}}` in a value is the customer's name"),
      })
      .nullable()
      .default(null)
      .describe('Asks outside the reply window; without one nothing is asked there'),
  })
  .meta({ id: 'SurveySettings' });
export type SurveySettings = z.output<typeof surveySettings>;

export const SURVEY_STATUSES = ['scheduled', 'asked', 'answered', 'skipped'] as const;
export const HANDLED_BY = ['ai', 'person', 'mixed'] as const;
export const SURVEY_WAYS = ['buttons', 'list', 'text', 'template'] as const;
/** Why a customer was not asked. */
export const SURVEY_SKIPS = [
  'blocked',
  'unanswered',
  'ai_only',
  'asked_recently',
  'outside_window',
  'template_unusable',
  'opted_out',
  'plan',
  'reopened',
  'unreachable',
] as const;
export type SurveySkip = (typeof SURVEY_SKIPS)[number];

export const survey = z
  .object({
    id: uuid(),
    conversationId: uuid(),
    contact: z.object({ id: uuid(), name: z.string().nullable(), phone: z.string().nullable() }).nullable(),
    channelId: uuid(),
    campaignId: uuid().nullable(),
    userId: uuid().nullable().describe('Who had the chat when it was closed'),
    handledBy: z.enum(HANDLED_BY).nullable().describe('Who answered the customer; null until it is asked'),
    status: z.enum(SURVEY_STATUSES),
    reason: z.enum(SURVEY_SKIPS).nullable().describe('Of a skipped one'),
    scale: surveySettings.shape.scale.removeDefault(),
    way: z.enum(SURVEY_WAYS).nullable(),
    messageId: uuid().nullable().describe('The question'),
    score: z.number().int().min(1).max(5).nullable().describe('Thumbs are 1 and 5'),
    comment: z.string().nullable(),
    closedAt: isoTime(),
    askedAt: isoTime().nullable(),
    answeredAt: isoTime().nullable(),
  })
  .meta({ id: 'Survey' });
export type Survey = z.output<typeof survey>;

/** Of chats that were closed in a period. */
const filter = {
  userId: uuid().optional().describe('Who had the chat'),
  campaignId: uuid().optional(),
  channelId: uuid().optional(),
  handledBy: z.enum(HANDLED_BY).optional(),
  from: isoTime().optional().describe('Closed at or after'),
  to: isoTime().optional().describe('Closed before'),
};

const rates = {
  asked: z.number().int(),
  answered: z.number().int(),
  commented: z.number().int(),
  responseRate: z.number().nullable().describe('0 to 1; null while none was asked'),
  average: z.number().nullable().describe('Of the scores'),
  distribution: z.record(z.enum(['1', '2', '3', '4', '5']), z.number().int()),
};
export const surveySummary = z
  .object({
    ...rates,
    agents: z
      .array(z.object({ userId: uuid().nullable().describe('Null: no person had the chat'), ...rates }))
      .max(1000)
      .describe('Those with the most questions first'),
  })
  .meta({ id: 'SurveySummary' });
export type SurveySummary = z.output<typeof surveySummary>;

const settingsOf = z.object({
  campaignId: uuid().nullable(),
  settings: surveySettings,
  isInherited: z.boolean().describe("Of a campaign without its own: the tenant's. Of a tenant without any: off"),
});

/**
 * What customers say of closed chats. Who lacks analytics.read sees the answers about their own
 * chats.
 */
export const surveyRoutes = {
  getSurveySettings: route({
    method: 'GET',
    path: '/survey-settings',
    access: 'tenant.read',
    query: z.strictObject({ campaignId: uuid().optional() }),
    responses: { 200: settingsOf },
    summary: 'How customers are asked, or how those of a campaign are (tenant.read)',
  }),
  setSurveySettings: route({
    method: 'PUT',
    path: '/survey-settings',
    access: 'tenant.update',
    body: z.strictObject({ campaignId: uuid().nullable().default(null), settings: surveySettings }),
    responses: { 200: settingsOf },
    audit: 'survey.settings',
    summary: 'Set it whole (tenant.update). Chats that are closed by now are asked about as before',
  }),
  deleteSurveySettings: route({
    method: 'DELETE',
    path: '/survey-settings/:campaignId',
    access: 'tenant.update',
    params: z.strictObject({ campaignId: uuid() }),
    responses: { 204: z.null() },
    audit: 'survey.settings',
    summary: 'A campaign asks as the tenant does again (tenant.update)',
  }),
  listSurveys: route({
    method: 'GET',
    path: '/surveys',
    access: 'chats.read',
    query: z.strictObject({
      ...filter,
      status: z.enum(SURVEY_STATUSES).default('answered'),
      score: z.coerce.number().int().min(1).max(5).optional(),
      contactId: uuid().optional(),
      ...walkQuery,
    }),
    responses: { 200: walked(survey).extend({ totalIsCapped: totalIsCapped('up to 10,000') }) },
    summary: 'Surveys, the last closed chat first (chats.read)',
  }),
  summarizeSurveys: route({
    method: 'GET',
    path: '/surveys-summary',
    access: 'chats.read',
    query: z.strictObject({ ...filter, from: isoTime(), to: isoTime() }),
    responses: { 200: surveySummary },
    summary: 'Average, distribution and response rate, in all and of each agent; 366 days at most (chats.read)',
  }),
  getConversationSurvey: route({
    method: 'GET',
    path: '/conversations/:conversationId/survey',
    access: 'chats.read',
    params: z.strictObject({ conversationId: uuid() }),
    responses: { 200: z.object({ survey: survey.nullable() }) },
    summary: 'What became of the question about a conversation; null: none was due (chats.read)',
  }),
};

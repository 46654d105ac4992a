import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { survey } from '../internal/surveys.ts';
import { isoTime, uuid } from '../primitives.ts';

/** A survey in events: no word of the comment. */
const surveyFacts = {
  surveyId: uuid(),
  contactId: uuid(),
  ...survey.pick({
    conversationId: true,
    channelId: true,
    campaignId: true,
    userId: true,
    handledBy: true,
    scale: true,
  }).shape,
};

export const surveyAsked = defineEvent(
  'conversation.survey.asked',
  1,
  z.object({ ...surveyFacts, ...survey.pick({ way: true, messageId: true }).shape, askedAt: isoTime() }),
  'A customer was asked about a chat that was closed',
);
export const surveyAnswered = defineEvent(
  'conversation.survey.answered',
  1,
  z.object({
    ...surveyFacts,
    score: z.number().int().min(1).max(5).describe('Thumbs are 1 and 5'),
    hasComment: z.boolean(),
    answeredAt: isoTime(),
  }),
  'A customer gave a score, another one, or a comment after it',
);

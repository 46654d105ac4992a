import { z } from 'zod';
import { text } from '../primitives.ts';

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

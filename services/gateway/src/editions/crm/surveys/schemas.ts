import {
  HANDLED_BY,
  isoTime,
  SURVEY_SKIPS,
  SURVEY_STATUSES,
  SURVEY_WAYS,
  surveySettings,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { campaignName, dayOrTime, numberName, pageQuery, person } from '../common/schemas.ts';

const own = surveySettings.shape;
const words = (description: string) =>
  own.question.describe(`${description}: por idioma (\`es\`, \`pt\`, \`en\`), según el país del teléfono`);

const fields = {
  enabled: own.enabled,
  scale: own.scale.describe('`five`: 1 a 5. `thumbs`: 👎 es 1 y 👍 es 5'),
  question: words('La pregunta'),
  ask_comment: own.askComment.describe('Después de la nota se pide un comentario'),
  comment_question: words('Cómo se pide el comentario'),
  thanks: words('El agradecimiento'),
  delay_seconds: own.delaySeconds.describe('Del cierre a la pregunta'),
  answer_hours: own.answerHours.describe('Después, un número es un mensaje más'),
  comment_minutes: own.commentMinutes.describe('De la nota al comentario'),
  min_days: own.minDays.describe('A un cliente se le pregunta una vez en tantos días'),
  ask_ai_only: own.askAiOnly.describe('También por chats que solo atendió la IA'),
  template: own.template.describe('Pregunta fuera de la ventana; sin ella allí no se pregunta. `{{name}}`: el cliente'),
};

export const settingsQuery = z.object({ campaign_id: uuid().optional().describe('Sin él, las de la empresa') });
export const settingsBody = z.strictObject({ campaign_id: uuid().nullable().default(null), ...fields });
export const settings = z
  .object({
    campaign_id: uuid().nullable(),
    is_inherited: z.boolean().describe('De una campaña sin las suyas: las de la empresa'),
    ...fields,
  })
  .meta({ id: 'CrmSurveySettings' });

const period = {
  agent_id: uuid().optional().describe('Quien tenía el chat al cerrarse'),
  campaign_id: uuid().optional(),
  whatsapp_number_id: uuid().optional(),
  handled_by: z.enum(HANDLED_BY).optional().describe('Quién atendió: `ai`, solo la IA'),
  from_date: dayOrTime.optional().describe('Del cierre. Una fecha sola empieza en la zona horaria del tenant'),
  to_date: dayOrTime.optional().describe('Inclusive'),
};

export const answersQuery = z.object({
  ...period,
  status: z.enum(SURVEY_STATUSES).default('answered').describe('`skipped`: no se preguntó, por `reason`'),
  score: z.coerce.number().int().min(1).max(5).optional(),
  client_id: uuid().optional(),
  ...pageQuery(20),
});
export const summaryQuery = z.object(period).describe('Sin fechas, los últimos 30 días; 366 como máximo');

export const chatSurvey = z
  .object({
    id: uuid(),
    status: z.enum(SURVEY_STATUSES),
    reason: z.enum(SURVEY_SKIPS).nullable().describe('Por qué no se preguntó'),
    scale: own.scale.removeDefault(),
    score: z.number().int().nullable(),
    comment: z.string().nullable(),
    handled_by: z.enum(HANDLED_BY).nullable(),
    channel: z.enum(SURVEY_WAYS).nullable().describe('Cómo se preguntó'),
    asked_at: isoTime().nullable(),
    answered_at: isoTime().nullable(),
  })
  .meta({ id: 'CrmChatSurvey' });

export const survey = chatSurvey
  .extend({
    chat_id: uuid(),
    client: z
      .object({ id: uuid(), first_name: z.string(), last_name: z.string(), phone_number: z.string().nullable() })
      .nullable(),
    agent: person.nullable(),
    campaign: campaignName.nullable(),
    whatsapp_number: numberName,
    closed_at: isoTime(),
  })
  .meta({ id: 'CrmSurvey' });

const rates = {
  asked: z.number().int(),
  answered: z.number().int(),
  commented: z.number().int(),
  response_rate: z.number().nullable().describe('De 0 a 1'),
  avg_rating: z.number().nullable(),
  rating_distribution: z.record(z.enum(['1', '2', '3', '4', '5']), z.number().int()),
};
export const summary = z
  .object({
    period: z.object({ from: isoTime(), to: isoTime() }),
    ...rates,
    agents: z.array(z.object({ agent: person.nullable().describe('null: ningún agente'), ...rates })),
  })
  .meta({ id: 'CrmSurveySummary' });

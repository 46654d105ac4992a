import { consentWordOf, type SurveySettings } from '@recado/contracts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
type Scale = SurveySettings['scale'];

/** The id of a button: it names the survey, so that an answer is known without a look. */
export const choiceId = (surveyId: string, score: number): string => `csat:${surveyId}:${score}`;

const CHOICE = /^csat:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-5])$/;

/** What a button of ours says; null for any other. */
export function pressedIn(id: string | undefined): { surveyId: string; score: number } | null {
  const found = id?.startsWith('csat:') ? CHOICE.exec(id) : null;
  return found ? { surveyId: found[1]!, score: Number(found[2]) } : null;
}

const FIVE = /^([1-5])(?:\s*\/\s*5)?(?:\s*(?:estrellas?|estrelas?|stars?|puntos?|pontos?))?[.!]*$/i;
/** A quick reply of a template, as its tenant named it: `5 - Excelente`. */
const TITLED = /^([1-5])(?!\d)/;
const STARS = /^(?:(?:⭐|🌟|★)\uFE0F?\s*){1,5}$/u;
const KEYCAP = /^([1-5])\uFE0F?\u20E3$/u;
/** Longer texts are no score. */
const LONGEST = 40;

/**
 * The score that a message is, and nothing else; null: it is no score.
 * @param isButton a button or a row, which may have a name
 */
export function scoreOf(text: string, scale: Scale, isButton = false): number | null {
  const said = text.trim();
  if (said === '' || said.length > LONGEST) return null;
  const up = /^👍/u.test(said);
  if (up || /^👎/u.test(said)) {
    const rest = said.replace(/^(?:👍|👎)\p{EMod}?\uFE0F?/u, '').trim();
    return rest === '' || isButton ? (up ? 5 : 1) : null;
  }
  if (scale === 'thumbs') return null;
  const number = FIVE.exec(said) ?? KEYCAP.exec(said) ?? (isButton ? TITLED.exec(said) : null);
  if (number) return Number(number[1]);
  return STARS.test(said) ? [...said].filter((sign) => '⭐🌟★'.includes(sign)).length : null;
}

const GREETING =
  /^(?:hola|buen[oa]s?(?: d[ií]as| tardes| noches)?|ol[áa]|oi|bom dia|boa (?:tarde|noite)|hello|hi|hey)[\s!.,]*$/i;

/** A question or a greeting wants an answer of a person, and STOP is no opinion. */
export function isComment({ type, text }: Said): boolean {
  const said = text.trim();
  return type === 'text' && said !== '' && !/[?¿]/.test(said) && !GREETING.test(said) && consentWordOf(said) === null;
}

/** A customer's message, as far as it may answer a survey. */
export interface Said {
  type: string;
  text: string;
  /** Of a button of ours. */
  pressed: number | null;
  /** The provider's time. */
  at: Date;
}

/** What decides whether a message answers a survey. */
export interface OpenSurvey {
  status: string;
  settings: SurveySettings;
  score: number | null;
  comment: string | null;
  askedAt: Date | null;
  /** Until then words are taken. */
  opensUntil: Date | null;
  answerSentAt: Date | null;
}

/** A score, or the comment after it. */
export type Answer = { score: number } | { comment: string };

/** A message that answers a survey: it stands beside the others, in the chat that it is about. */
export interface SurveyAnswer {
  surveyId: string;
  answer: Answer;
}

/**
 * What a message says to a survey that was asked; null: it is a message as any other. A button
 * counts as long as the question is open. Words count until the comment came or its time is over.
 */
export function answerOf(survey: OpenSurvey, said: Said): Answer | null {
  const { status, settings, askedAt, opensUntil, answerSentAt } = survey;
  if (askedAt === null || (status !== 'asked' && status !== 'answered')) return null;
  // Sent before the question: it answers something else. Clocks differ a little.
  if (said.at.getTime() < askedAt.getTime() - MINUTE_MS) return null;
  if (answerSentAt !== null && said.at < answerSentAt) return null;
  if (said.pressed !== null) return said.at <= endOf(askedAt, settings) ? { score: said.pressed } : null;
  if (opensUntil === null || said.at > opensUntil) return null;
  const isButton = said.type !== 'text';
  const score = SPOKEN.has(said.type) ? scoreOf(said.text, settings.scale, isButton) : null;
  if (score !== null) return { score };
  const mayComment = status === 'answered' && settings.askComment && survey.comment === null;
  return mayComment && isComment(said) ? { comment: said.text.trim() } : null;
}

const SPOKEN: ReadonlySet<string> = new Set(['text', 'button', 'interactive']);

/** Until when a question that was asked is open. */
export const endOf = (askedAt: Date, { answerHours }: SurveySettings): Date =>
  new Date(askedAt.getTime() + answerHours * HOUR_MS);

/** A survey after an answer. After the score a comment is waited for, after the comment nothing. */
export function answered<S extends OpenSurvey>(survey: S, answer: Answer, at: Date): S {
  const { askComment, commentMinutes } = survey.settings;
  const comment = 'comment' in answer ? answer.comment : survey.comment;
  const score = 'score' in answer ? answer.score : survey.score;
  const waits = askComment && comment === null;
  const opensUntil = waits ? new Date(at.getTime() + commentMinutes * MINUTE_MS) : null;
  return { ...survey, status: 'answered', score, comment, opensUntil, answerSentAt: at };
}

/** Null: neither a person nor the AI answered the customer. */
export const handledBy = (byPerson: boolean, byAi: boolean): 'person' | 'ai' | 'mixed' | null =>
  byPerson ? (byAi ? 'mixed' : 'person') : byAi ? 'ai' : null;

/** Since when a contact must not have been asked. */
export const quietSince = (now: Date, { minDays }: SurveySettings): Date => new Date(now.getTime() - minDays * DAY_MS);

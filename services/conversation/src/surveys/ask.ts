import { buildEvent, type SurveySkip, surveyAsked } from '@recado/contracts';
import { type Tx, withWorker } from '@recado/database';
import { finishJob, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { AppError, serviceCaller, Unavailable } from '@recado/service-kit';
import { spokenAt } from '../contacts/spoken.ts';
import { isWindowOpen } from '../conversations/rules.ts';
import { type ConversationWithContact, lockConversation } from '../conversations/store.ts';
import type { Deps } from '../deps.ts';
import { type Prepared, prepareContent } from '../messages/sending/prepare.ts';
import { replyWindow } from '../messages/sending/send.ts';
import { surveyJob } from './job.ts';
import { freeQuestion, type Question, templateQuestion } from './question.ts';
import { endOf, handledBy, quietSince } from './rules.ts';
import { sendToClosed } from './send.ts';
import { findSurvey, lockSurvey, patchSurvey, type SurveyRow, selectHistory } from './store.ts';
import { surveyFacts } from './views.ts';

export type SurveyWork = RunningJob<{ surveyId: string; step: 'ask' | 'comment' | 'thanks' }>;

/** Asks the customer, or notes why not. A question that cannot be prepared is tried again. */
export async function askSurvey(deps: Deps, job: SurveyWork): Promise<void> {
  const { tenantId, data } = job;
  const found = await withWorker(deps.workerDb, async (tx) => {
    const survey = await findSurvey(tx, tenantId, data.surveyId);
    const chat = survey && (await lockConversation(tx, tenantId, survey.conversationId));
    return chat ? { survey, chat } : null;
  });
  let question: (Prepared & Pick<Question, 'way'>) | SurveySkip | null = null;
  try {
    if (found) question = await prepareQuestion(deps, found.survey, found.chat);
  } catch (error) {
    const isLast = !job.signal.aborted && job.tries >= surveyJob.retry.pausesMs.length;
    if (!isLast) throw error;
    question = 'unreachable';
  }
  await job.commit(async (tx) => {
    if (!(await finishJob(tx, job)) || !found || question === null) return;
    const chat = await lockConversation(tx, tenantId, found.survey.conversationId);
    const survey = await lockSurvey(tx, tenantId, data.surveyId);
    if (!chat || survey?.status !== 'scheduled') return;
    const asked = await ask(tx, deps, survey, chat, question);
    if (typeof asked === 'string') await patchSurvey(tx, { ...survey, status: 'skipped', reason: asked });
  });
}

/**
 * The question as it would go out now, or why none does.
 * @throws Unavailable while the connector does not tell what the provider takes
 */
async function prepareQuestion(
  deps: Deps,
  survey: SurveyRow,
  chat: ConversationWithContact,
): Promise<(Prepared & Pick<Question, 'way'>) | SurveySkip> {
  const { tenantId } = survey;
  const by = { caller: serviceCaller('conversation', tenantId), context: {} };
  const providers = await deps.channels.providers(tenantId, by.context);
  const provider = providers.get(chat.provider);
  if (!provider) throw new Unavailable('channel-connector', { reason: 'What the provider takes is not known' });
  const hours = replyWindow({ providers, windows: deps.config.RECADO_ENFORCE_WINDOW }, chat.provider);
  if (isWindowOpen(chat.lastInboundAt, hours, deps.now())) {
    const { way, content } = freeQuestion(survey, spokenAt(chat.contactPhone), provider);
    return { way, given: content, content, purpose: 'service', files: new Map() };
  }
  const wanted = templateQuestion(survey.settings, chat.contactFirstName ?? chat.contactName ?? '');
  if (!wanted) return 'outside_window';
  try {
    const prepared = await prepareContent(deps, by, survey.channelId, wanted.content);
    if (prepared.purpose === 'unchecked') throw new Unavailable('channel-connector', { reason: 'Not checked' });
    return { ...prepared, way: 'template' };
  } catch (error) {
    if (error instanceof AppError && error.code === 'validation_failed') return 'template_unusable';
    throw error;
  }
}

/** Asks now, unless something of the locked chat speaks against it: then it returns what. */
async function ask(
  tx: Tx,
  deps: Deps,
  survey: SurveyRow,
  chat: ConversationWithContact,
  question: (Prepared & Pick<Question, 'way'>) | SurveySkip,
): Promise<SurveySkip | null> {
  const now = deps.now();
  const { settings } = survey;
  if (chat.status !== 'closed' || chat.closedAt?.getTime() !== survey.closedAt.getTime()) return 'reopened';
  if (chat.contactBlockedAt !== null) return 'blocked';
  const history = await selectHistory(tx, survey, quietSince(now, settings));
  const by = handledBy(history.byPerson, history.byAi);
  if (by === null) return 'unanswered';
  if (by === 'ai' && !settings.askAiOnly) return 'ai_only';
  if (history.isRecent && settings.minDays > 0) return 'asked_recently';
  if (typeof question === 'string') return question;
  if (question.purpose === 'marketing' && chat.contactMarketingStoppedAt !== null) return 'opted_out';
  const messageId = await sendToClosed(tx, deps, chat, question, now);
  if (messageId === null) return 'plan';
  const { way } = question;
  const opensUntil = endOf(now, settings);
  const asked: SurveyRow = { ...survey, status: 'asked', handledBy: by, way, messageId, askedAt: now, opensUntil };
  await patchSurvey(tx, asked);
  const data = { ...surveyFacts(asked), way, messageId, askedAt: now.toISOString() };
  await enqueue(tx, [buildEvent(surveyAsked, { tenantId: survey.tenantId, subject: survey.id, data })]);
  return null;
}

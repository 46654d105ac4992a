import { withWorker } from '@recado/database';
import { finishJob } from '@recado/jobs';
import { spokenAt } from '../contacts/spoken.ts';
import { lockConversation } from '../conversations/store.ts';
import type { Deps } from '../deps.ts';
import { askSurvey, type SurveyWork } from './ask.ts';
import { sendToClosed } from './send.ts';
import { findSurvey } from './store.ts';
import { wordsFor } from './texts.ts';

/** Asks a customer; after the answer it asks for a comment, or thanks. */
export async function runSurvey(deps: Deps, job: SurveyWork): Promise<void> {
  const { tenantId, data } = job;
  const known = await withWorker(deps.workerDb, (tx) => findSurvey(tx, tenantId, data.surveyId));
  if (known) await deps.tenants.ensure(tenantId);
  if (data.step === 'ask') return askSurvey(deps, job);
  const kind = data.step === 'comment' ? 'commentQuestion' : 'thanks';
  await job.commit(async (tx) => {
    if (!(await finishJob(tx, job)) || !known) return;
    const chat = await lockConversation(tx, tenantId, known.conversationId);
    if (!chat || chat.contactBlockedAt !== null) return;
    const content = { kind: 'text' as const, body: wordsFor(known.settings, kind, spokenAt(chat.contactPhone)) };
    await sendToClosed(tx, deps, chat, { given: content, content, purpose: 'service', files: new Map() }, deps.now());
  });
}

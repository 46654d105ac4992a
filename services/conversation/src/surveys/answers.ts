import { type BuiltEvent, buildEvent, surveyAnswered } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs, type NewJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { lockConversations, preview } from '../conversations/store.ts';
import type { Group, Item } from '../inbound/batch.ts';
import { withoutNul } from '../text.ts';
import { surveyJob } from './job.ts';
import { answered, answerOf, pressedIn, type Said } from './rules.ts';
import {
  type AskedSurvey,
  findOpen,
  findPressed,
  lockSurvey,
  patchSurvey,
  showAnswers,
  takeBackOpened,
} from './store.ts';
import { surveyFacts } from './views.ts';

/** Surveys as the answers of one batch leave them, so that a comment finds its score. */
export type SurveysOfBatch = Map<string, AskedSurvey>;

/** Finds the answers by our buttons. Batches without any cost no statement. */
export async function findPressedAnswers(tx: Tx, items: readonly Item[]): Promise<SurveysOfBatch> {
  const known: SurveysOfBatch = new Map();
  const pressed = items.flatMap((item) => {
    const choice = pressedIn(item.data.details?.choice?.id);
    return choice ? [{ item, ...choice }] : [];
  });
  if (pressed.length === 0) return known;
  const keys = pressed.map(({ item, surveyId }) => ({ tenantId: item.tenantId, surveyId, contactId: item.contact.id }));
  for (const survey of await findPressed(tx, keys)) known.set(keyOf(survey.tenantId, survey.id), survey);
  for (const { item, surveyId, score } of pressed.sort(byTime)) {
    const survey = known.get(keyOf(item.tenantId, surveyId));
    if (survey?.contactId === item.contact.id) take(known, survey, item, score);
  }
  return known;
}

/**
 * Finds scores and comments in words. Only a message that opened a conversation can be one: in an
 * open chat a number answers the agent. Takes such conversations back, and returns the others.
 */
export async function findSaidAnswers(
  tx: Tx,
  groups: readonly Group[],
  known: SurveysOfBatch,
): Promise<readonly Group[]> {
  const opened = groups.filter(({ row, delta, items }) => row.id === delta.newId && mayAnswer(items[0]!));
  if (opened.length === 0) return groups;
  const open = await findOpen(
    tx,
    opened.map(({ delta }) => delta),
  );
  for (const survey of open) {
    const key = keyOf(survey.tenantId, survey.id);
    if (!known.has(key)) known.set(key, survey);
  }
  const byContact = new Map(open.map((one) => [`${one.tenantId} ${one.channelId} ${one.contactId}`, one]));
  const gone = new Set<Group>();
  for (const group of opened) {
    const { tenantId, channelId, contactId } = group.delta;
    const found = byContact.get(`${tenantId} ${channelId} ${contactId}`);
    if (!found) continue;
    const items = group.items.toSorted((a, b) => (a.sentTime < b.sentTime ? -1 : 1));
    const rest = items.findIndex((item) => !take(known, known.get(keyOf(tenantId, found.id))!, item, null));
    // What follows is a chat of its own, and then the answer is its first message.
    if (rest === -1) gone.add(group);
    else for (const item of items.slice(0, rest)) Object.assign(item, { conversation: group.row, group });
  }
  if (gone.size === 0) return groups;
  await takeBackOpened(
    tx,
    [...gone].map(({ row }) => row),
  );
  return groups.filter((group) => !gone.has(group));
}

/** Groups and new contacts were asked nothing. */
const mayAnswer = ({ contact, data }: Item): boolean => !contact.isNew && data.details?.group === undefined;

const keyOf = (tenantId: string, surveyId: string): string => `${tenantId} ${surveyId}`;
const byTime = (a: { item: Item }, b: { item: Item }): number => (a.item.sentTime < b.item.sentTime ? -1 : 1);

/** Notes that a message answers a survey, if it does. */
function take(known: SurveysOfBatch, survey: AskedSurvey, item: Item, pressed: number | null): boolean {
  const { type, content } = item.data;
  const said: Said = { type, text: withoutNul(content), pressed, at: new Date(item.sentTime) };
  const answer = answerOf(survey, said);
  if (answer === null) return false;
  known.set(keyOf(survey.tenantId, survey.id), answered(survey, answer, said.at));
  item.answer = { surveyId: survey.id, answer };
  item.conversation = survey.conversation;
  item.group = null;
  return true;
}

/** Writes the answers of messages that are stored now, and orders what the customer reads next. */
export async function recordAnswers(tx: Tx, items: readonly Item[], now: Date): Promise<void> {
  const given = items
    .filter((item) => item.answer !== undefined)
    .toSorted((a, b) => (a.sentTime < b.sentTime ? -1 : 1));
  if (given.length === 0) return;
  await showInChats(tx, given);
  const events: BuiltEvent[] = [];
  const jobs: NewJob<{ surveyId: string; step: 'comment' | 'thanks' }>[] = [];
  for (const item of given) {
    const { surveyId, answer } = item.answer!;
    const before = await lockSurvey(tx, item.tenantId, surveyId);
    if (!before) continue;
    const after = { ...answered(before, answer, new Date(item.sentTime)), answeredAt: now };
    await patchSurvey(tx, after);
    const { tenantId, traceparent } = item;
    const data = {
      ...surveyFacts(after),
      score: after.score!,
      hasComment: after.comment !== null,
      answeredAt: now.toISOString(),
    };
    events.push(buildEvent(surveyAnswered, { tenantId, subject: surveyId, traceparent, data }));
    const step = 'comment' in answer || !before.settings.askComment ? 'thanks' : 'comment';
    jobs.push({ tenantId, key: `${step}:${surveyId}`, data: { surveyId, step } });
  }
  await enqueue(tx, events);
  // The key lets each be said once, however often the score changes.
  await enqueueJobs(tx, surveyJob, jobs);
}

/** The chat shows the answer, and the customer may be written to again for its window. */
async function showInChats(tx: Tx, items: readonly Item[]): Promise<void> {
  const beside = items.filter(({ group }) => group === null);
  if (beside.length === 0) return;
  await lockConversations(
    tx,
    beside.map(({ conversation }) => conversation),
  );
  const last = new Map<string, { item: Item; count: number }>();
  for (const item of beside) {
    const { id } = item.conversation;
    last.set(id, { item, count: (last.get(id)?.count ?? 0) + 1 });
  }
  await showAnswers(
    tx,
    [...last.values()].map(({ item: { tenantId, id, conversation, sentTime, data }, count }) => {
      const content = preview(withoutNul(data.content));
      return { tenantId, id: conversation.id, messageId: id, type: data.type, content, sentTime, count };
    }),
  );
}

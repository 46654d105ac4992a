import { buildEvent, contactErased, conversationUpdated, filesErased } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJob, finishJob, type RunningJob } from '@recado/jobs';
import { enqueue, forgetParked } from '@recado/messaging';
import { lockConversation } from '../conversations/store.ts';
import { contactOf, conversationView } from '../conversations/views.ts';
import { eraseDrafts } from '../drafts/store.ts';
import { changedEvent } from '../messages/changed-event.ts';
import { eraseMentions } from '../notes/store.ts';
import { joinByIndex } from '../plans.ts';
import { eraseScheduled } from '../scheduled/store.ts';
import { recollectMessages } from '../search/collect.ts';
import { eraseTasksOfChat } from '../tasks/remove.ts';
import { eraseContactJob, ROUND_PAUSES_MS } from './job.ts';
import {
  blankMessages,
  lockNext,
  lockNextOf,
  selectCarriers,
  selectOwnFiles,
  type WordedMessage,
} from './messages-store.ts';
import {
  blankChat,
  type ErasureRow,
  findChat,
  findGroupChat,
  leaveGroups,
  lockErasure,
  saveErasure,
  takeMerged,
} from './store.ts';

type Job = RunningJob<{ contactId: string; round: number }>;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Erases in small transactions. Each commits its part with the place it came to, so a killed run
 * goes on from there. A later round finds only what was stored in between.
 */
export async function runErasure(job: Job): Promise<void> {
  for (;;) {
    if (job.signal.aborted) throw job.signal.reason;
    const row = await job.commit((tx) => takeStep(tx, job));
    if (row === null) return;
    job.progress({ messages: row.messages, chats: row.chats });
  }
}

/** One part; null when there is no more in this round. */
async function takeStep(tx: Tx, job: Job): Promise<ErasureRow | null> {
  joinByIndex(tx);
  const row = await lockErasure(tx, job.tenantId, job.data.contactId);
  if (row === null || row.round !== job.data.round) {
    await finishJob(tx, job);
    return null;
  }
  const after = (row.place?.step ?? 'chats') === 'chats' ? await eraseChat(tx, row) : await eraseInGroup(tx, row);
  if (after) {
    await saveErasure(tx, after);
    return after;
  }
  await endRound(tx, job, row);
  return null;
}

/** Messages of one chat; at its end the chat itself. */
async function eraseChat(tx: Tx, row: ErasureRow): Promise<ErasureRow | null> {
  const { tenantId, contactId, place } = row;
  const chat = await findChat(tx, tenantId, contactId, place?.conversationId ?? FIRST_ID);
  if (chat === null) {
    return row.addresses?.length ? { ...row, place: { step: 'groups', conversationId: FIRST_ID } } : null;
  }
  const at = place?.conversationId === chat ? place.message : undefined;
  const next = await lockNext(tx, tenantId, chat, at);
  const files = await eraseMessages(tx, row, next.rows);
  const after = { ...row, messages: row.messages + next.rows.length, files: row.files + files };
  if (next.place) {
    await tellOthers(tx, row, [chat], next.rows);
    return { ...after, place: { step: 'chats', conversationId: chat, message: next.place } };
  }
  await eraseMentions(tx, tenantId, chat);
  const [{ notes }, tasks] = [await blankChat(tx, tenantId, chat), await eraseTasksOfChat(tx, tenantId, chat)];
  await eraseDrafts(tx, tenantId, chat);
  await eraseScheduled(tx, tenantId, chat);
  await tellOthers(tx, row, [chat], next.rows);
  if (row.round === 0) await tellScreens(tx, tenantId, chat);
  const counted = {
    chats: after.chats + (row.round === 0 ? 1 : 0),
    notes: row.notes + notes,
    tasks: row.tasks + tasks,
  };
  return { ...after, ...counted, place: { step: 'chats', conversationId: idAfter(chat) } };
}

/** What the person wrote in a group; the words of the others stay. */
async function eraseInGroup(tx: Tx, row: ErasureRow): Promise<ErasureRow | null> {
  const { tenantId, place } = row;
  const addresses = row.addresses ?? [];
  const chat = await findGroupChat(tx, tenantId, addresses, place!.conversationId);
  if (chat === null) return null;
  const at = place!.conversationId === chat ? place!.message : undefined;
  const next = await lockNextOf(tx, tenantId, chat, at, addresses);
  const files = await eraseMessages(tx, row, next.rows);
  if (next.rows.length > 0) await blankPreview(tx, tenantId, chat, next.rows);
  return {
    ...row,
    messages: row.messages + next.rows.length,
    files: row.files + files,
    place: next.place
      ? { step: 'groups', conversationId: chat, message: next.place }
      : { step: 'groups', conversationId: idAfter(chat) },
  };
}

/** The next id there can be. */
const idAfter = (id: string): string => {
  if (id === LAST_ID) return id;
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
};

/** Returns how many files go with them. */
async function eraseMessages(tx: Tx, row: ErasureRow, rows: readonly WordedMessage[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { tenantId, contactId } = row;
  const ids = rows.map(({ id }) => id);
  const fileIds = (await selectOwnFiles(tx, tenantId, ids)).map(({ fileId }) => fileId);
  await blankMessages(tx, tenantId, rows);
  await recollectMessages(
    tx,
    rows.filter(({ hasContent }) => hasContent),
  );
  if (fileIds.length === 0) return 0;
  const at = new Date().toISOString();
  const shown = await selectCarriers(tx, tenantId, ids);
  await enqueue(tx, [
    buildEvent(filesErased, { tenantId, subject: contactId, data: { contactId, fileIds } }),
    ...shown.map((message) => changedEvent(message, at, message.details)),
  ]);
  return fileIds.length;
}

/** The other services hold copies of what was said, by chat and by message. */
async function tellOthers(tx: Tx, row: ErasureRow, conversationIds: string[], rows: readonly WordedMessage[]) {
  const { tenantId, contactId } = row;
  const messages = rows
    .filter(({ direction }) => direction === 'outbound')
    .map(({ id: messageId, conversationId, channelId, status }) => ({
      messageId,
      conversationId,
      channelId,
      ...(status === 'pending' && { isPending: true as const }),
    }));
  const data = { contactId, conversationIds, messages };
  await enqueue(tx, [buildEvent(contactErased, { tenantId, subject: contactId, data })]);
}

/** An open screen shows the chat without words. */
async function tellScreens(tx: Tx, tenantId: string, id: string): Promise<void> {
  const row = (await lockConversation(tx, tenantId, id))!;
  const data = { conversation: conversationView(row, contactOf(row)), changed: ['contact', 'messages'] };
  await enqueue(tx, [buildEvent(conversationUpdated, { tenantId, subject: id, data })]);
}

const blankPreview = (tx: Tx, tenantId: string, id: string, rows: readonly WordedMessage[]) => tx`
  update conversations set last_message_content = null, version = version + 1, updated_at = now()
  where tenant_id = ${tenantId} and id = ${id} and last_message_id = any(${rows.map((m) => m.id)}::uuid[])`;

async function endRound(tx: Tx, job: Job, row: ErasureRow): Promise<void> {
  const { tenantId, contactId } = row;
  if (!(await finishJob(tx, job))) return;
  if (row.addresses) {
    await leaveGroups(tx, tenantId, row.addresses);
    await forgetParked(tx, tenantId, [contactId, ...row.addresses]);
  }
  for (const one of [contactId, ...(await takeMerged(tx, tenantId, contactId))])
    await tellOthers(tx, { ...row, contactId: one }, [], []);
  const round = row.round + 1;
  const doneAt = row.doneAt ?? new Date();
  await saveErasure(tx, { ...row, status: 'done', doneAt, round, place: null, addresses: null });
  const pauseMs = ROUND_PAUSES_MS[round];
  if (pauseMs === undefined) return;
  const runAt = new Date(Date.now() + pauseMs);
  await enqueueJob(tx, eraseContactJob, tenantId, { contactId, round }, { key: `${contactId} ${round}`, runAt });
}

import type { Dispatcher } from 'undici';
import { type Answer, askServer } from '../own-server.ts';
import type { HistorySpan, Outcome, ProviderNumber, WebhookContent } from '../provider.ts';
import { isObject, type Json, objectOf, textOf, timeOf } from '../web-message.ts';
import type { WppconnectAccount } from './account.ts';
import { target } from './client.ts';
import { readRecords } from './webhooks.ts';

/** Chats that are looked at, the latest first. */
const CHATS = 200;
/** Messages of a page: each may hold a preview, and an answer has at most 1 MB. */
const PAGE = 20;
/** 400 messages of a chat. */
const MAX_PAGES = 20;
const TIMEOUT_MS = 15_000;

type Ask = (route: string, body?: object) => Promise<Answer>;

/** The chats with new messages, and of each its messages backwards to the moment. */
export async function* readHistory(
  dispatcher: Dispatcher,
  { providerId, account }: ProviderNumber<WppconnectAccount>,
  { since, now }: HistorySpan,
): AsyncGenerator<Outcome<WebhookContent>> {
  const ask: Ask = (route, body) =>
    askServer(dispatcher, {
      ...target(account, route),
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${account.token}` },
      ...(body && { body }),
      timeoutMs: TIMEOUT_MS,
    });
  const isFresh = (one: Json) => Date.parse(timeOf(one.t ?? one.timestamp, now)) >= since.getTime();
  const chats = listOf(await ask('list-chats', { count: CHATS }), (body) => body);
  if (chats.kind !== 'ok') return yield chats;
  for (const chat of chats.value.filter((one) => one.t !== undefined && isFresh(one))) {
    const id = textOf(isObject(chat.id) ? chat.id._serialized : chat.id);
    if (id !== undefined) yield* readChat(ask, id, isFresh, (records) => readRecords(records, providerId, now));
  }
}

async function* readChat(
  ask: Ask,
  chat: string,
  isFresh: (message: Json) => boolean,
  read: (records: Json[]) => WebhookContent,
): AsyncGenerator<Outcome<WebhookContent>> {
  let before: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const from = before === undefined ? '' : `&id=${encodeURIComponent(before)}`;
    const route = `get-messages/${encodeURIComponent(chat)}?count=${PAGE}&direction=before${from}`;
    const found = listOf(await ask(route), (body) => objectOf(body).response);
    if (found.kind !== 'ok') return yield found;
    const fresh = found.value.filter(isFresh);
    yield { kind: 'ok', value: read(fresh) };
    const oldest = idOf(found.value[0]?.id);
    if (fresh.length < found.value.length || found.value.length < PAGE || oldest === before) return;
    before = oldest;
  }
}

/** An id is a text, or an object with it. */
const idOf = (id: unknown): string | undefined => textOf(isObject(id) ? id._serialized : id);

function listOf(answer: Answer, read: (body: unknown) => unknown): Outcome<Json[]> {
  if ('failed' in answer) return { kind: 'lost', reason: answer.failed };
  const { status, body } = answer;
  const list = status >= 200 && status < 300 ? read(body) : null;
  if (Array.isArray(list)) return { kind: 'ok', value: list.filter(isObject) };
  // 401 is also how it answers when WhatsApp Web failed to read a chat.
  return status < 500 && status !== 401 && status !== 408 && status >= 300
    ? { kind: 'denied', httpStatus: status }
    : { kind: 'lost', reason: `An answer of ${status} without a list` };
}

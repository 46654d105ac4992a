import type { Dispatcher } from 'undici';
import { type Answer, askServer } from '../own-server.ts';
import type { HistorySpan, Outcome, ProviderNumber, WebhookContent } from '../provider.ts';
import { isObject, type Json, objectOf, timeOf } from '../web-message.ts';
import type { EvolutionAccount } from './account.ts';
import { refusalOf, target } from './client.ts';
import { readRecords } from './webhooks.ts';

/** Records of a page: each may hold a preview, and an answer has at most 1 MB. */
const PAGE = 20;
/** 2,000 messages: an instance has one listing for all its chats. */
const MAX_PAGES = 100;
const TIMEOUT_MS = 15_000;

/** `findMessages` of the whole instance, the newest first, until a page has older ones. */
export async function* readHistory(
  dispatcher: Dispatcher,
  { providerId, account }: ProviderNumber<EvolutionAccount>,
  { since, now }: HistorySpan,
): AsyncGenerator<Outcome<WebhookContent>> {
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await askServer(dispatcher, {
      ...target(account, 'chat/findMessages'),
      method: 'POST',
      headers: { apikey: account.apiKey },
      body: { where: {}, page, offset: PAGE },
      timeoutMs: TIMEOUT_MS,
    });
    const found = readPage(answer);
    if (found.kind !== 'ok') return yield found;
    const { records, pages } = found.value;
    const fresh = records.filter((one) => Date.parse(timeOf(one.messageTimestamp, now)) >= since.getTime());
    // Older ones come first, as they were written.
    yield { kind: 'ok', value: readRecords(fresh.reverse(), providerId, now) };
    if (fresh.length < records.length || page >= pages) return;
  }
}

function readPage(answer: Answer): Outcome<{ records: Json[]; pages: number }> {
  if ('failed' in answer) return { kind: 'lost', reason: answer.failed };
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    const { records, pages } = objectOf(objectOf(body).messages);
    return Array.isArray(records)
      ? { kind: 'ok', value: { records: records.filter(isObject), pages: Number(pages) || 0 } }
      : { kind: 'lost', reason: `An answer of ${status} without messages` };
  }
  const refusal = refusalOf(status, body);
  if (refusal) return { kind: 'refused', refusal };
  return status === 408 || status >= 500
    ? { kind: 'lost', reason: `HTTP ${status}` }
    : { kind: 'denied', httpStatus: status };
}

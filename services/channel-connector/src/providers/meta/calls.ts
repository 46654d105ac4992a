import type { MessageDetails } from '@recado/contracts';
import { cleanId, fitDetails, idOfContent } from '../../webhooks/clean.ts';
import type { MoreNews, SyncedMessage } from '../news.ts';
import type { InboundMessage } from '../provider.ts';
import { Fields, isObject, type Json } from './fields.ts';
import { mediaOf } from './message.ts';
import { peerOf, readSender } from './sender.ts';

type CallNews = MoreNews & { messages: InboundMessage[]; synced: SyncedMessage[] };

/** Calls that have ended, and what else is told of one; while it rings it is left out. */
export function readCalls(value: Json, now: Date, ignored: string[]): CallNews {
  const entries = list(value.contacts);
  const news: CallNews = { messages: [], synced: [] };
  for (const _ of list(value.statuses)) ignored.push('call');
  for (const source of list(value.calls)) {
    const item = new Fields(source);
    const event = item.string('event') ?? '';
    if (event === 'connect') {
      ignored.push('call');
      continue;
    }
    const id = item.id('id') || idOfContent(source);
    const byUs = item.string('direction') === 'BUSINESS_INITIATED';
    const sentTime = item.timestamp(now);
    const words = event === 'terminate' ? callOf(item, id, byUs) : noticeOf(source, item, id, event);
    const common = { ...words, replyToProviderMessageId: null, sentTime };
    if (byUs) {
      const peer = peerOf({ ...source, from: source.to, from_user_id: source.to_user_id }, 'from');
      news.synced.push({ ...common, direction: 'outbound', peer, status: 'delivered', origin: 'phone' });
    } else news.messages.push({ ...common, from: readSender(item, entries, id).from });
  }
  return news;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

type Words = Pick<InboundMessage, 'providerMessageId' | 'type' | 'content' | 'metadata' | 'details'>;

function wordsOf(providerMessageId: string, item: Fields, details: MessageDetails): Words {
  for (const key of ['from', 'from_user_id', 'to', 'to_user_id', 'start_time', 'end_time']) item.skip(key);
  const raw = item.rest();
  const kept = fitDetails({ ...details, ...(raw && { raw }) }, null);
  return { providerMessageId: cleanId(providerMessageId), type: 'system', content: '', ...kept };
}

function callOf(item: Fields, id: string, byUs: boolean): Words {
  const status = item.string('status') ?? '';
  const seconds = item.number('duration');
  const missed = status === '' ? !seconds : status.toUpperCase() !== 'COMPLETED';
  return wordsOf(id, item, { call: { id: cleanId(id), missed, byUs, ...(seconds !== undefined && { seconds }) } });
}

const FILES = ['audio', 'document', 'video'];

/** A recording or a transcript of a call, or anything else that is told of it later. */
function noticeOf(source: Json, item: Fields, id: string, event: string): Words {
  const details: MessageDetails = { system: { kind: event === '' ? 'call' : event } };
  for (const key of Object.keys(source)) {
    const part = item.object(key);
    const file = FILES.map((kind) => part?.object(kind)).find((one) => one !== undefined);
    if (file) details.media = mediaOf(file);
  }
  return wordsOf(`${id}:${event}`, item, details);
}

import {
  buildEvent,
  type Channel,
  channelReported,
  contactReported,
  groupReported,
  messageReceived,
  messageStatus,
  messageSynced,
  uuidv7,
} from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { KnownChannel } from '../channels/directory.ts';
import type { ChannelReport } from '../providers/news.ts';
import type { InboundMessage, NumberNews, Provider } from '../providers/provider.ts';
import { idOfContent } from './clean.ts';

type Owner = Pick<KnownChannel, 'id' | 'tenantId'> & { provider: Pick<Provider, 'name' | 'fetchMedia'> };

/**
 * The events of a webhook for one number, in order. Dedupe keys absorb repeats: a message's key is
 * its provider id, a tick's also its status.
 */
export function eventsOf(channel: Owner, news: NumberNews, now: Date, traceparent?: string): OutgoingEvent[] {
  const { id: channelId, tenantId } = channel;
  const provider = channel.provider.name as Channel['provider'];
  const events: OutgoingEvent[] = [];
  const receivedAt = now.toISOString();
  for (const message of news.messages) {
    const event: OutgoingEvent = buildEvent(messageReceived, {
      tenantId,
      subject: message.providerMessageId,
      time: now,
      traceparent,
      data: { channelId, provider, ...withFileId(channel, message), receivedAt },
    });
    event.dedupeKey = `in:${channelId}:${message.providerMessageId}`;
    events.push(event);
  }
  for (const status of news.statuses) {
    const about = status.providerMessageId ?? status.messageId!;
    const event: OutgoingEvent = buildEvent(messageStatus, {
      tenantId,
      subject: status.messageId ?? about,
      time: now,
      traceparent,
      data: { channelId, ...status, source: 'webhook' },
    });
    event.dedupeKey = `st:${channelId}:${about}:${tickOf(status)}`;
    events.push(event);
  }
  for (const one of moreEvents(channel, provider, news, now, traceparent)) events.push(one);
  return events;
}

/** A tick comes once; in a group once of each person. */
function tickOf({ status, details }: NumberNews['statuses'][number]): string {
  const { played, participant } = details ?? {};
  const who = participant?.userId ?? participant?.waId;
  return `${played ? 'played' : status}${who === undefined ? '' : `:${who}`}`;
}

/** A file that we can fetch has its id from the first moment, so every reader can name it. */
function withFileId({ provider }: Owner, message: InboundMessage): InboundMessage {
  const media = message.details?.media;
  if (!media || !provider.fetchMedia || !(media.id ?? media.url)) return message;
  const known = { ...media, fileId: uuidv7(), state: 'fetching' as const };
  return { ...message, details: { ...message.details, media: known } };
}

/** The events of what is neither a customer's message nor a tick. */
function moreEvents(
  { id: channelId, tenantId }: Owner,
  provider: Channel['provider'],
  { synced = [], contacts = [], reports = [], groups = [] }: NumberNews,
  time: Date,
  traceparent: string | undefined,
): OutgoingEvent[] {
  const common = { tenantId, time, traceparent };
  const receivedAt = time.toISOString();
  const keyed = (event: OutgoingEvent, dedupeKey: string): OutgoingEvent => Object.assign(event, { dedupeKey });
  return [
    ...synced.map((message) => {
      const data = { channelId, provider, ...message, receivedAt };
      const event = buildEvent(messageSynced, { ...common, subject: message.providerMessageId, data });
      return keyed(event, `in:${channelId}:${message.providerMessageId}`);
    }),
    ...contacts.map((contact) => {
      const data = { channelId, provider, ...contact };
      return keyed(buildEvent(contactReported, { ...common, data }), `ct:${channelId}:${idOfContent(contact)}`);
    }),
    ...groups.map((group) => {
      const data = { channelId, provider, ...group };
      return keyed(buildEvent(groupReported, { ...common, data }), `gr:${channelId}:${idOfContent(group)}`);
    }),
    ...reports.map((report) => reportEvent({ id: channelId, tenantId }, report, time, traceparent)),
  ];
}

/** What a provider told of a number. The same words at another time are news. */
export function reportEvent(
  { id: channelId, tenantId }: Pick<Owner, 'id' | 'tenantId'>,
  report: ChannelReport,
  time: Date,
  traceparent: string | undefined,
): OutgoingEvent {
  const data = { channelId, ...report };
  const event: OutgoingEvent = buildEvent(channelReported, { tenantId, subject: channelId, time, traceparent, data });
  event.dedupeKey = `rp:${channelId}:${idOfContent(report)}`;
  return event;
}

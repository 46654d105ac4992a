import {
  boardCardMoved,
  channelCode,
  channelStatus,
  conversationCreated,
  conversationUpdated,
  type Envelope,
  type EventContract,
  importFinished,
  importProgressed,
  messageCreated,
  messageUpdated,
  notificationCreated,
  scheduledMessageUpdated,
  slaBreached,
  slaWarned,
} from '@recado/contracts';
import { type Bus, generationOf, REPLAY_HEADER, streamName, type TailedMessage } from '@recado/messaging';
import type { HeardEvent, RealtimeEvent } from '../types.ts';
import { type Place, STREAMS, type StreamKey, type StreamWindow, type StreamWindows } from './cursor.ts';

/** An event and its place in its own stream. */
export type PlacedEvent = RealtimeEvent & { place: Place };

/** The sources of sockets' events: stream and filter; of one tenant by `ofTenant`. */
export const SOURCES = {
  main: {
    stream: streamName('conversation'),
    filter: 'recado.conversation.>',
    ofTenant: (tenantId: string) => `recado.conversation.${tenantId}.>`,
  },
  notifications: sourceOf(notificationCreated),
  channels: {
    stream: streamName('channel-connector'),
    filter: 'recado.channel-connector.*.channel.>',
    ofTenant: (tenantId: string) => `recado.channel-connector.${tenantId}.channel.>`,
  },
} satisfies Record<StreamKey, unknown>;

function sourceOf(event: EventContract) {
  const ofTenant = (tenantId: string) => event.subject(tenantId);
  return { stream: streamName(event.service), filter: event.filter, ofTenant };
}

/** The end of a subject, after the tenant → the name sockets' dialects know the event by. */
const HEARD = new Map<string, HeardEvent['name']>(
  (
    [
      [messageCreated, 'message.created'],
      [messageUpdated, 'message.updated'],
      [conversationCreated, 'conversation.created'],
      [conversationUpdated, 'conversation.updated'],
      [channelStatus, 'channel.status-changed'],
      [channelCode, 'channel.code-changed'],
      [boardCardMoved, 'board.card-moved'],
      [importProgressed, 'import.progressed'],
      [importFinished, 'import.finished'],
      [slaWarned, 'sla.warned'],
      [slaBreached, 'sla.breached'],
      [scheduledMessageUpdated, 'scheduled-message.updated'],
      [notificationCreated, 'notification.created'],
    ] as const
  ).map(([event, name]) => [`${event.entity}.${event.verb}`, name]),
);

/** `recado.<service>.<tenant>.…` → the tenant. */
export function tenantOf(subject: string): string | null {
  return subject.split('.', 3)[2] ?? null;
}

/** A message's events in their order; none of those that no dialect shows. */
export function toEvents(stream: StreamKey, message: TailedMessage, known: boolean): PlacedEvent[] {
  const { subject, generation, seq, replay: republished } = message;
  const name = HEARD.get(subject.split('.').slice(3).join('.'));
  if (!name) return [];
  const envelopes = message.envelopes();
  return envelopes.map(({ data, id, tenantid: tenantId, time }, index) => {
    const place = index === envelopes.length - 1 ? { generation, seq } : { generation, seq, index };
    const previous = index === 0 ? { generation, seq: seq - 1 } : { generation, seq, index: index - 1 };
    return { name, data, id, tenantId, time, stream, place, previous, cursor: null, republished, known } as PlacedEvent;
  });
}

/** What every stream holds now. Throws while NATS can't say. */
export async function windowsOf(bus: Bus): Promise<StreamWindows> {
  const [main, notifications, channels] = await Promise.all(STREAMS.map((key) => windowOf(bus, SOURCES[key].stream)));
  return { main: main!, notifications: notifications!, channels: channels! };
}

export async function windowOf(bus: Bus, stream: string): Promise<StreamWindow> {
  const info = await bus.findStream(stream);
  if (!info) throw new Error(`Stream ${stream} is missing`);
  return { generation: generationOf(info), firstSeq: info.state.first_seq, lastSeq: info.state.last_seq };
}

/** When the first event of a message happened, Unix ms. */
export async function timeOf(bus: Bus, stream: string, seq: number): Promise<number> {
  const stored = await bus.jsm.streams.getMessage(stream, { seq });
  const [first] = stored ? [stored.json<Envelope | Envelope[]>()].flat() : [];
  return first ? Date.parse(first.time) : Date.now();
}

/** Whether the last message of a stream says that its outbox publishes again after a lost store. */
export async function isRecovering(bus: Bus, key: StreamKey, { firstSeq, lastSeq }: StreamWindow): Promise<boolean> {
  // Nothing was published yet, or all of it has expired.
  if (lastSeq === 0 || firstSeq > lastSeq) return false;
  const stored = await bus.jsm.streams.getMessage(SOURCES[key].stream, { seq: lastSeq });
  return stored?.header.has(REPLAY_HEADER) ?? false;
}

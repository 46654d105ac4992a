import { io, type Socket } from 'socket.io-client';
import { call, must } from '../../support/api.ts';

interface NewMessage {
  eventId: string;
  conversationId: string;
  message: { id: string; status: string; whatsappMessageId: string | null };
}
interface StatusUpdate {
  eventId: string;
  messageId: string;
  status: string;
}

const RANK = ['SENT', 'FAILED', 'DELIVERED', 'READ'];

/** What one agent's screen has shown. */
export interface Collector {
  /** Message id → how often a `message:new` for it came over the socket. */
  shown: Map<string, number>;
  /** Message id → the status the screen shows (inbox's words). */
  status: Map<string, string>;
  /** Messages known from HTTP after a resync. */
  fetched: Set<string>;
  resyncs: number;
  reconnects: number;
  /** `delay` in ms from a message's provider id being marked by `sent()` to its being shown. */
  delays: number[];
  sent(providerMessageId: string): void;
  close(): void;
}

/**
 * An agent of the inbox edition who sometimes loses the connection. It reconnects with the last
 * event id, and fetches everything over HTTP after a resync, as the document says.
 */
export async function collect(gateway: string, tokens: { inbox: string; crm: string }): Promise<Collector> {
  let lastEventId: string | undefined;
  const sentAt = new Map<string, number>();
  const collector: Collector = {
    shown: new Map(),
    status: new Map(),
    fetched: new Set(),
    resyncs: 0,
    reconnects: -1,
    delays: [],
    sent: (id) => sentAt.set(id, performance.now()),
    close: () => socket.disconnect(),
  };
  const socket: Socket = io(gateway, {
    transports: ['websocket'],
    auth: (give) => give({ token: tokens.inbox, lastEventId }),
    reconnectionDelay: 100,
    reconnectionDelayMax: 500,
  });
  socket.on('connect', () => collector.reconnects++);
  socket.on('session:ready', (ready: { eventId: string }) => {
    lastEventId ??= ready.eventId;
  });
  socket.on('session:resync', (resync: { eventId: string }) => {
    collector.resyncs++;
    lastEventId = resync.eventId;
    void refetch();
  });
  socket.on('message:new', (event: NewMessage) => {
    lastEventId = event.eventId;
    const { id, status, whatsappMessageId } = event.message;
    collector.shown.set(id, (collector.shown.get(id) ?? 0) + 1);
    if (!collector.status.has(id)) collector.status.set(id, status);
    const at = whatsappMessageId ? sentAt.get(whatsappMessageId) : undefined;
    if (at !== undefined) collector.delays.push(performance.now() - at);
  });
  socket.on('message:status-update', (event: StatusUpdate) => {
    lastEventId = event.eventId;
    collector.status.set(event.messageId, event.status);
  });
  for (const name of ['conversation:new', 'conversation:updated']) {
    socket.on(name, (event: { eventId: string }) => {
      lastEventId = event.eventId;
    });
  }

  async function refetch(attempt = 0): Promise<void> {
    try {
      for (let page = 1, more = true; more; page++) {
        const chats = await must(
          call<{ data: { id: string }[]; meta: { total_pages: number } }>(
            gateway,
            'GET',
            `/v1/chats?page=${page}&limit=100`,
            { token: tokens.crm },
          ),
          200,
        );
        for (const chat of chats.data) await refetchChat(chat.id);
        more = page < chats.meta.total_pages;
      }
    } catch (error) {
      // A server may be down just now: a real client keeps trying too.
      if (attempt > 120) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
      await refetch(attempt + 1);
    }
  }

  async function refetchChat(chatId: string): Promise<void> {
    for (let page = 1, seen = 0, total = 1; seen < total; page++) {
      const messages = await must(
        call<{ data: { id: string; status: string }[]; meta: { total: number } }>(
          gateway,
          'GET',
          `/v1/chats/${chatId}/messages?page=${page}&limit=100`,
          { token: tokens.crm },
        ),
        200,
      );
      if (messages.data.length === 0) return;
      for (const message of messages.data) {
        collector.fetched.add(message.id);
        const word = message.status === 'pending' ? 'SENT' : message.status.toUpperCase();
        // What the socket said since this page was read is newer.
        const shown = collector.status.get(message.id);
        if (shown === undefined || RANK.indexOf(word) > RANK.indexOf(shown)) collector.status.set(message.id, word);
      }
      seen += messages.data.length;
      total = messages.meta.total;
    }
  }

  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The socket did not connect in 10 s')), 10_000);
    socket.once('session:ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return collector;
}

import type { MessageDetails } from '@recado/contracts';
import { io, type Socket } from 'socket.io-client';
import { call, must, until } from './api.ts';
import type { TestTenant } from './tenant.ts';

type SocketEdition = 'crm' | 'saas' | 'inbox';
/** A message as an edition shows it. */
export type Shown = Record<string, unknown> & { content: string };
/** Where a message is seen, and its parts' names there. */
const PLACES = {
  crm: { kind: 'message_type', list: (id: string) => `/v1/chats/${id}/messages?limit=100` },
  saas: { kind: 'type', list: (id: string) => `/api/v1/whatsapp/conversations/${id}/messages?limit=100` },
  inbox: { kind: 'type', list: (id: string) => `/inbox/api/conversations/${id}/messages?limit=100` },
  bots: { kind: 'messageType', list: (id: string) => `/bots/api/conversations/${id}/messages?limit=100` },
} as const;
type Edition = keyof typeof PLACES;
const SOCKET_EVENT = { crm: 'chat.message', saas: 'message:new', inbox: 'message:new' } as const;
const LIVE = ['crm', 'saas', 'inbox'] as const;

export const EDITIONS = Object.keys(PLACES) as Edition[];
export const ALL_PLACES = [...EDITIONS, ...LIVE.map((edition) => `${edition}, live`)];

/** Collects a tenant's messages by the provider's id, as each place shows them. */
export class Screens {
  readonly #gateway: string;
  readonly #tenant: TestTenant;
  readonly #sockets: Socket[] = [];
  readonly #shown = new Map<string, Map<string, Shown>>();

  constructor(gateway: string, tenant: TestTenant) {
    this.#gateway = gateway;
    this.#tenant = tenant;
  }

  /** From now on sockets collect. */
  async listen(): Promise<void> {
    await Promise.all(LIVE.map((edition) => this.#listen(edition)));
  }

  /** Waits until each socket has at least so many. */
  async untilLive(count: number): Promise<void> {
    const found = LIVE.map((edition) => this.#of(`${edition}, live`));
    await until(`${count} messages on every screen`, async () =>
      found.every(({ size }) => size >= count) ? true : null,
    );
  }

  /** Reads the threads of all chats in each edition. Returns how many chats there are. */
  async readThreads(): Promise<number> {
    const { data } = await this.#get<{ data: { id: string }[] }>('/v1/chats?limit=100');
    const { tenant } = await this.#get<{ tenant: { slug: string } }>('/inbox/auth/me');
    const headers = { 'x-tenant-slug': tenant.slug };
    await Promise.all(
      EDITIONS.map(async (edition) => {
        this.#of(edition).clear();
        for (const { id } of data) {
          const thread = await this.#get<{ data: Shown[] }>(PLACES[edition].list(id), headers);
          for (const message of thread.data) this.#of(edition).set(idOf(message), message);
        }
      }),
    );
    return data.length;
  }

  /** The chat in which a message with this id stands. */
  chatOf(id: string): string {
    return String(this.find('bots', id)!.conversationId);
  }

  find(place: string, id: string): Shown | undefined {
    return this.#of(place).get(id);
  }

  /** The one with this text, of messages that a provider gave no id. */
  findByText(place: string, content: string): Shown | undefined {
    return this.allByText(place, content)[0];
  }

  allByText(place: string, content: string): Shown[] {
    return [...this.#of(place).values()].filter((message) => message.content === content);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #listen(edition: SocketEdition): Promise<void> {
    const found = this.#of(`${edition}, live`);
    const socket = io(this.#gateway, {
      transports: ['websocket'],
      auth: { token: this.#tenant[edition] },
      forceNew: true,
      reconnection: false,
    });
    this.#sockets.push(socket);
    socket.on(SOCKET_EVENT[edition], ({ message }: { message: Shown }) => found.set(idOf(message), message));
    return new Promise((resolve) => socket.once('session:ready', () => resolve()));
  }

  #of(place: string): Map<string, Shown> {
    const found = this.#shown.get(place) ?? new Map<string, Shown>();
    this.#shown.set(place, found);
    return found;
  }

  #get<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
    // Any edition accepts a token of another.
    return must(call<T>(this.#gateway, 'GET', path, { token: this.#tenant.crm, headers }), 200);
  }
}

function idOf({ whatsapp_message_id: crm, whatsappMessageId, metadata }: Shown): string {
  const own = (metadata ?? {}) as { whatsappMessageId?: string };
  return String(crm ?? whatsappMessageId ?? own.whatsappMessageId);
}

/** The kind that a place shows. */
export const kindOf = (place: string, message: Shown): string =>
  String(message[PLACES[place.split(',')[0] as Edition].kind]).toLowerCase();

/** Values that stand in an object at any depth. */
function leavesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [JSON.stringify(value)];
  return Object.values(value).flatMap(leavesOf);
}

/** What of a message's parts is not shown; what no version understands is for programs alone. */
export function missingOf(message: Shown, details: MessageDetails | null): string[] {
  const { raw: _, ...parts } = details ?? {};
  const told = JSON.stringify(message);
  return leavesOf(parts).filter((leaf) => !told.includes(leaf));
}

import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import type { Cursor } from '../stream/cursor.ts';
import type { Dialect, RealtimeEvent, RealtimeSession } from '../types.ts';
import { createHub } from './hub.ts';

const [A, B] = [uuidv7(), uuidv7()];
const needs = { permissions: [] };
const echo: Dialect = {
  frames: (event) => [{ name: event.name, payload: { id: event.id }, needs }],
  errorPayload: () => ({}),
};
const nothing = async () => new Map();
const hubOf = (dialect: Dialect = echo) =>
  createHub({
    dialects: { saas: dialect, crm: dialect, bots: dialect, inbox: dialect, scheduler: dialect },
    lookups: { users: nothing, channels: nothing, campaigns: nothing, conversations: nothing },
  });

function session(tenantId: string, since = 0) {
  const heard: string[] = [];
  const it: RealtimeSession & { heard: string[] } = {
    id: uuidv7(),
    tenantId,
    userId: uuidv7(),
    sessionId: null,
    edition: 'inbox',
    caller: { tenantId, userId: null, role: 'agent', permissions: [], edition: 'inbox', service: 'gateway' },
    since,
    heard,
    send: (_name, payload) => heard.push(String(payload.eventId)),
    close: (reason) => heard.push(`closed ${reason}`),
    isBehind: () => false,
  };
  return it;
}

const START: Cursor = { main: { generation: 'x', seq: 0 } };
let seq = 0;
const event = (tenantId: string, more: Partial<RealtimeEvent> = {}): RealtimeEvent => {
  seq++;
  return {
    name: 'conversation.updated',
    data: { changed: [], contact: {}, conversation: { contact: {} } },
    id: uuidv7(),
    tenantId,
    time: new Date(seq * 1000).toISOString(),
    stream: 'main',
    cursor: { main: { generation: 'x', seq } },
    republished: false,
    known: false,
    ...more,
  } as RealtimeEvent;
};

const at = (e: RealtimeEvent) => `x-${e.cursor!.main.seq}`;

describe('the hub', () => {
  it('knows whether a client listens, and forgets one that left while it caught up', async () => {
    const hub = hubOf();
    const a = session(A);
    expect(hub.isWatched()).toBe(false);
    hub.add(a);
    expect(hub.isWatched()).toBe(true);
    hub.remove(a);
    await hub.goLive(a, START);
    expect(hub.isWatched()).toBe(false);
    await hub.dispatch([event(A)]);
    expect(a.heard).toEqual([]);
  });

  it('sends a session only its own tenant’s events', async () => {
    const hub = hubOf();
    const [a, b] = [session(A), session(B)];
    for (const s of [a, b]) {
      hub.add(s);
      await hub.goLive(s, START);
    }
    const ofA = event(A);
    await hub.dispatch([ofA]);
    expect(a.heard).toEqual([at(ofA)]);
    expect(b.heard).toEqual([]);
  });

  it('keeps events back while a session catches up, and drops those its replay held', async () => {
    const hub = hubOf();
    const s = session(A);
    hub.add(s);
    const [one, two, three] = [event(A), event(A), event(A)];
    await hub.dispatch([one]);
    await hub.dispatch([two]);
    expect(s.heard).toEqual([]);
    await hub.goLive(s, one.cursor!);
    await hub.dispatch([three]);
    expect(s.heard).toEqual([at(two), at(three)]);
  });

  it('keeps the order when events arrive while the queue is handed over', async () => {
    const slow: Dialect = {
      frames: async (e) => {
        await new Promise((resolve) => setImmediate(resolve));
        return [{ name: e.name, payload: {}, needs }];
      },
      errorPayload: () => ({}),
    };
    const hub = hubOf(slow);
    const s = session(A);
    hub.add(s);
    const events = Array.from({ length: 20 }, () => event(A));
    for (const e of events.slice(0, 10)) await hub.dispatch([e]);
    const live = hub.goLive(s, START);
    for (const e of events.slice(10)) await hub.dispatch([e]);
    await live;
    expect(s.heard).toEqual(events.map(at));
  });

  it('shows a republished event only if this gateway has not seen it and the session has not fetched it', async () => {
    const hub = hubOf();
    const s = session(A, 5_000_000);
    hub.add(s);
    await hub.goLive(s, START);
    const shown = event(A, { time: new Date(6_000_000).toISOString() });
    await hub.dispatch([shown]);
    await hub.dispatch([{ ...shown, republished: true, known: true }]);
    await hub.dispatch([event(A, { republished: true, time: new Date(4_000_000).toISOString() })]);
    const missed = event(A, { republished: true, time: new Date(6_000_000).toISOString() });
    await hub.dispatch([missed]);
    expect(s.heard).toEqual([at(shown), at(missed)]);
  });

  it('drops what a session has already when the feed is behind its replay', async () => {
    const hub = hubOf();
    const s = session(A);
    hub.add(s);
    const [late, next] = [event(A), event(A)];
    await hub.goLive(s, late.cursor!);
    await hub.dispatch([late]);
    await hub.dispatch([next]);
    expect(s.heard).toEqual([at(next)]);
  });

  it('forgets a session that left', async () => {
    const hub = hubOf();
    const s = session(A);
    hub.add(s);
    await hub.goLive(s, START);
    hub.remove(s);
    await hub.dispatch([event(A)]);
    expect(s.heard).toEqual([]);
    expect(hub.listens(A)).toBe(false);
  });
});

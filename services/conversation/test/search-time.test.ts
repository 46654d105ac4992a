import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { connect, type Database, withWorker } from '@recado/database';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MOST_CANDIDATES, type Place } from '../src/search/find.ts';
import { segmentsOf } from '../src/search/segment.ts';
import { insertSegments } from '../src/search/store.ts';
import { findMatches } from '../src/search/walk.ts';
import { parseQuery } from '../src/search/words.ts';
import { createFixture, type Fixture } from './setup.ts';

let fixture: Fixture;
let app: Database;
beforeAll(async () => {
  fixture = await createFixture('search-time');
  app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 4 });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

interface Stored {
  id: string;
  content: string;
  sentTime: Date;
}

/** Segments of three messages each: those of a search's first look hold 18. */
async function store(tenantId: string, messages: readonly Stored[]): Promise<void> {
  await fixture.admin.sql`
    insert into conversation.messages
      (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, sent_time)
    select ${tenantId}::uuid, id, gen_random_uuid(), gen_random_uuid(), 'inbound', 'text', content, 'delivered', 'contact', at
    from unnest(${messages.map(({ id }) => id)}::uuid[], ${messages.map(({ content }) => content)}::text[],
                ${messages.map(({ sentTime }) => sentTime.toISOString())}::text[]::timestamptz[]) as n (id, content, at)`;
  for (let i = 0; i < messages.length; i += 3) {
    const segments = segmentsOf(tenantId, messages.slice(i, i + 3)).map((one) => ({ ...one, id: uuidv7() }));
    await withWorker(fixture.worker, (tx) => insertSegments(tx, tenantId, segments));
  }
}

/** What a client sees that continues by each cursor; no search has any time. */
async function walk(tenantId: string, limit: number): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let place: Place | null = null;
  for (let pages = 1; ; pages++) {
    const found = await findMatches({
      ...{ db: app, workerDb: fixture.worker, tenantId, terms: parseQuery('hola'), place },
      ...{ query: { query: 'hola', limit, sort: 'time' as const }, wanted: limit + 1, deadline: 0 },
    });
    const shown = found.matches.slice(0, limit);
    ids.push(...shown.map(({ id }) => id));
    const last = shown.at(-1);
    const next: Place | null =
      found.matches.length > limit && last ? { at: last.sentTime.toISOString(), id: last.id } : found.next;
    if (next === null) return { ids, pages };
    expect(next).not.toEqual(place);
    place = next;
  }
}

it('a search without time gives a cursor, and its pages show each message once, the latest first', async () => {
  const message = fc.record({ isHit: fc.boolean(), minute: fc.nat(40) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 60, maxLength: 90 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (list, limit, isShuffled) => {
        const tenantId = randomUUID();
        // In order of time segments hardly overlap; shuffled, all of them do.
        const inOrder = isShuffled ? list : list.toSorted((a, b) => a.minute - b.minute);
        const messages = inOrder.map(({ isHit, minute }, i) => ({
          id: uuidv7(Date.UTC(2026, 0, 1) + i),
          content: isHit ? 'hola Ana' : 'adiós Ana',
          sentTime: new Date(Date.UTC(2026, 0, 1, 10, minute)),
        }));
        await store(tenantId, messages);
        const wanted = messages
          .filter(({ content }) => content.startsWith('hola'))
          .sort((a, b) => b.sentTime.getTime() - a.sentTime.getTime() || (a.id < b.id ? 1 : -1));
        const { ids } = await walk(tenantId, limit);
        // What overlaps by more than one look may end early, and is in order until then.
        if (isShuffled) expect(ids).toEqual(wanted.slice(0, ids.length).map(({ id }) => id));
        else expect(ids).toEqual(wanted.map(({ id }) => id));
      },
    ),
    { numRuns: 15 },
  );
});

it('a search of more segments than one statement names finds what is in the last of them', async () => {
  const tenantId = randomUUID();
  const messages = Array.from({ length: 3 * (MOST_CANDIDATES + 20) }, (_, i) => ({
    id: uuidv7(Date.UTC(2026, 0, 1) + i),
    content: i % 3 === 0 ? 'hola' : i % 3 === 1 ? 'Ana' : i < 30 ? 'hola Ana' : 'adiós',
    sentTime: new Date(Date.UTC(2026, 0, 1, 10, i)),
  }));
  await store(tenantId, messages);
  const query = { query: 'hola ana', limit: 50, sort: 'time' as const };
  const found = await findMatches({
    ...{ db: app, workerDb: fixture.worker, tenantId, terms: parseQuery(query.query), place: null },
    ...{ query, wanted: 51, deadline: performance.now() + 60_000 },
  });
  expect(found.matches.map(({ id }) => id)).toEqual(
    messages
      .filter(({ content }) => content === 'hola Ana')
      .map(({ id }) => id)
      .reverse(),
  );
  expect(found.isComplete).toBe(true);
});

it('a search that has no time for its first page continues where it stopped', async () => {
  const tenantId = randomUUID();
  const messages = Array.from({ length: 120 }, (_, i) => ({
    id: uuidv7(Date.UTC(2026, 0, 1) + i),
    content: i % 3 === 0 ? 'hola' : 'adiós',
    sentTime: new Date(Date.UTC(2026, 0, 1, 10, i)),
  }));
  await store(tenantId, messages);
  const { ids, pages } = await walk(tenantId, 50);
  expect(ids).toHaveLength(40);
  expect(pages).toBeGreaterThan(3);
});

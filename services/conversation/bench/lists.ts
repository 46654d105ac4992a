/**
 * `node services/conversation/bench/lists.ts [messages …]`: how long lists and searches take in one
 * tenant of 10,000 and of 1,000,000 messages, and a neighbour beside 12 searches.
 */
import { uuidv7 } from '@recado/contracts';
import { connect, readTenant } from '@recado/database';
import type { Caller } from '@recado/service-kit';
import { listContacts, listGroupContacts } from '../src/contacts/list.ts';
import { listConversations } from '../src/conversations/list.ts';
import type { ConversationQuery } from '../src/conversations/matching.ts';
import { listGroups } from '../src/groups/list.ts';
import { listMessages } from '../src/messages/reading/list.ts';
import { countOpen } from '../src/usage/store.ts';
import { fill, PER_CHAT, type Tenant } from './fill.ts';
import { startBenchServers } from './servers.ts';

const sizes = process.argv
  .slice(2)
  .filter((arg) => /^\d+$/.test(arg))
  .map(Number);
if (sizes.length === 0) sizes.push(10_000, 1_000_000);
const RUNS = 120;
const NEIGHBOURS = 20;
/** Chats of one statement. */
const STEP = 10_000;

const tenantOf = (): Tenant => ({
  id: uuidv7(),
  channels: [uuidv7(), uuidv7(), uuidv7()],
  agents: Array.from({ length: 20 }, () => uuidv7()),
  campaigns: Array.from({ length: 5 }, () => uuidv7()),
});
const big = tenantOf();
const neighbours = Array.from({ length: NEIGHBOURS }, tenantOf);
const callerOf = (tenantId: string): Caller => ({
  ...{ tenantId, userId: uuidv7(), role: 'admin', permissions: [], edition: 'crm', service: 'gateway' },
});

/** Chats that each has by now. */
const filled = new Map<Tenant, number>();
type Times = { p50: number; p99: number };
const rows = new Map<string, Times[]>();
const servers = await startBenchServers();
const db = connect({ url: servers.appUrl, name: 'bench', max: 10 });
const workerDb = connect({ url: servers.workerUrl, name: 'bench-worker', max: 2, statementMs: 600_000 });
try {
  for (const size of sizes) {
    await grow(size / PER_CHAT);
    for (const [name, run] of await cases()) note(name, await measure(run));
    await besideSearches();
  }
  report();
} finally {
  await Promise.all([db.close(), workerDb.close()]);
  await servers.stop();
}

/** Until tenants have so many chats; a neighbour has a two-hundredth. */
async function grow(chats: number): Promise<void> {
  const beside = Math.max(100, Math.round(chats / 200 / 100) * 100);
  for (const tenant of [big, ...neighbours]) {
    const to = tenant === big ? chats : beside;
    for (let at = filled.get(tenant) ?? 0; at < to; at += STEP)
      await fill(workerDb.sql, tenant, at, Math.min(to, at + STEP));
    filled.set(tenant, to);
  }
  const admin = connect({ url: servers.adminUrl, name: 'bench-admin', max: 1, statementMs: 600_000 });
  await admin.sql`vacuum (analyze)`;
  await admin.close();
}

type Run = () => Promise<unknown>;
async function cases(): Promise<[string, Run][]> {
  const chats = (query: Partial<ConversationQuery>) => () =>
    listConversations(db, big.id, { limit: 20, count: true, ...query });
  const caller = callerOf(big.id);
  const contacts = (query: object) => () => listContacts(db, caller, { limit: 20, ...query } as never);
  const { items } = await listConversations(db, big.id, { limit: 50, count: false });
  const groups = await listGroups(db, caller, { limit: 20 } as never);
  const busiest = await busiestChat();
  const contact = items[7]!;
  const [first] = contact.contactName!.split(' ');
  const open = ['new', 'bot', 'queued', 'assigned', 'active', 'pending'] as ConversationQuery['statuses'];
  return [
    ['chats', chats({})],
    ['chats, no total', chats({ count: false })],
    ['chats, page 30', chats({ page: 30 })],
    ['chats by cursor', chats({ cursor: 'start' })],
    ['open chats', chats({ statuses: open })],
    ['closed chats', chats({ statuses: ['closed'] })],
    ['pending chats (none)', chats({ statuses: ['pending'] })],
    ['urgent chats', chats({ priority: 'urgent' })],
    ['archived chats', chats({ archived: true })],
    ['open, not archived', chats({ statuses: open, archived: false })],
    ['chats of a number', chats({ channelId: big.channels[1] })],
    ['chats of an agent', chats({ assignedUserId: big.agents[3] })],
    ['open chats of an agent', chats({ assignedUserId: big.agents[3], statuses: open })],
    ['chats of a campaign', chats({ campaignId: big.campaigns[1] })],
    ['chats of a week', chats({ from: '2026-01-02T00:00:00Z', to: '2026-01-09T00:00:00Z' })],
    ['chats, "carlos"', chats({ search: 'carlos' })],
    ['open chats, "carlos"', chats({ search: 'carlos', statuses: open })],
    ['urgent chats, "carlos"', chats({ search: 'carlos', priority: 'urgent', statuses: ['queued'] })],
    ['chats, "maria garcia"', chats({ search: 'maria garcia' })],
    ['chats, "elena quispe"', chats({ search: 'elena quispe' })],
    ['chats, full name', chats({ search: contact.contactName! })],
    ['chats, part of a phone', chats({ search: contact.contactPhone!.slice(4, 10) })],
    ['chats, not found', chats({ search: 'zzyzx' })],
    [
      'messages of a chat',
      () => listMessages(db, big.id, contact.id, { limit: 50, count: true, order: 'asc', offset: 0 }),
    ],
    [
      'messages of the busiest',
      () => listMessages(db, big.id, busiest, { limit: 50, count: true, order: 'asc', offset: 0 }),
    ],
    ['contacts', contacts({})],
    ['contacts by name', contacts({ sort: 'name' })],
    ['contacts by score', contacts({ sort: 'leadScore' })],
    ['contacts, won', contacts({ leadStatus: 'won' })],
    ['contacts, "carlos"', contacts({ search: 'carlos' })],
    ['contacts, "carlos" by name', contacts({ search: 'carlos', sort: 'name' })],
    ['contacts, "maria garcia"', contacts({ search: 'maria garcia' })],
    ['contacts, two letters', contacts({ search: first!.slice(0, 2) })],
    ['contacts, part of a phone', contacts({ search: contact.contactPhone!.slice(4, 10) })],
    ['contacts, not found', contacts({ search: 'zzyzx' })],
    ['groups', () => listGroups(db, caller, { limit: 20 } as never)],
    ['groups, "castro"', () => listGroups(db, caller, { limit: 20, search: 'castro' } as never)],
    ['contacts of a group', () => listGroupContacts(db, caller, groups.items[3]!.id, { limit: 20 } as never)],
    ['open chats counted (usage)', () => readTenant(db, big.id, (tx) => [countOpen(tx, big.id, 10_001)] as never)],
  ];
}

async function busiestChat(): Promise<string> {
  const [row] = await workerDb.sql<{ id: string }[]>`
    select conversation_id as id from messages where tenant_id = ${big.id} group by 1 order by count(*) desc limit 1`;
  return row!.id;
}

async function measure(run: Run, runs = RUNS): Promise<Times> {
  for (let i = 0; i < 8; i++) await run();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return timesOf(times);
}

function timesOf(times: number[]): Times {
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

function note(name: string, times: Times): void {
  rows.set(name, [...(rows.get(name) ?? []), times]);
}

/** Twelve searches of the big tenant at once, and the list of a small one beside them. */
async function besideSearches(): Promise<void> {
  const small = neighbours[0]!.id;
  const list: Run = () => listConversations(db, small, { limit: 20, count: true });
  note('a neighbour alone', await measure(list));
  let isOver = false;
  let [done, refused] = [0, 0];
  const searches = Array.from({ length: 12 }, async () => {
    while (!isOver) {
      await listConversations(db, big.id, { limit: 20, count: true, search: 'carlos' }).then(
        () => done++,
        () => refused++,
      );
    }
  });
  note('a neighbour beside 12 searches', await measure(list));
  isOver = true;
  await Promise.all(searches);
  console.log(`12 searches at once: ${done} answered, ${refused} refused`);
}

function report(): void {
  const ms = (value: number) => value.toFixed(1).padStart(8);
  console.log(['list'.padEnd(32), ...sizes.map((size) => `${size} p50     p99`.padStart(17)), 'p99 ratio'].join(' '));
  for (const [name, times] of rows) {
    const ratio = times.at(-1)!.p99 / times[0]!.p99;
    console.log(
      [name.padEnd(32), ...times.map(({ p50, p99 }) => ms(p50) + ms(p99)), `  x ${ratio.toFixed(1)}`].join(' '),
    );
  }
}

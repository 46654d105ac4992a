import {
  type BuiltEvent,
  buildEvent,
  type EventData,
  SLA_TARGETS,
  type SlaTarget,
  slaBreached,
  slaWarned,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type ContactRow, findContacts } from '../contacts/store.ts';
import type { Deps } from '../deps.ts';
import { routeChats } from '../routing/handle.ts';
import type { ConversationKey } from '../routing/store.ts';
import { CLOCKS } from '../routing/timer-keys.ts';
import { type Occurrence, orderRules, waitId } from '../rules/occur.ts';
import { timerCancellation, timerOrder } from '../timers/orders.ts';
import { handOn, type Silent } from './hand-on.ts';
import {
  advanceClocks,
  type ClockName,
  hasBreach,
  nextDue,
  nextLook,
  type Told,
  type WaitingRule,
  wantedClocks,
} from './rules.ts';
import {
  type ClocksRow,
  type FactsRow,
  lockClocks,
  type SettingsRow,
  selectClocked,
  selectFacts,
  selectSettings,
  selectWaitingRules,
  writeClocks,
} from './store.ts';

/** What tenants set of clocks. */
interface Setup {
  campaigns: ReadonlyMap<string, SettingsRow>;
  rules: ReadonlyMap<string, WaitingRule[]>;
}

/** A conversation with its locked clocks. */
interface Looked {
  facts: FactsRow;
  row: ClocksRow;
  settings: SettingsRow | null;
  told: Told[];
}

/**
 * Brings clocks up to date, tells of targets, and hands on the chats of silent agents.
 * Locks clocks before routing, and routing before conversations.
 * @param fired when the timers of conversations were to fire
 */
export async function lookAtClocks(
  tx: Tx,
  deps: Pick<Deps, 'tenants'>,
  keys: readonly ConversationKey[],
  now: Date,
  fired: ReadonlyMap<string, Date> = new Map(),
): Promise<void> {
  if (keys.length === 0) return;
  const setup = await readSetup(tx, keys);
  const chosen = await choose(tx, setup, keys, fired);
  if (chosen.length === 0) return;
  const rows = await lockClocks(tx, chosen);
  const factsOf = new Map((await selectFacts(tx, chosen)).map((facts) => [facts.id, facts]));
  const looked = rows.flatMap((row): Looked[] => {
    const facts = factsOf.get(row.conversationId);
    return facts ? [look(row, facts, setup, now, fired.get(facts.id))] : [];
  });
  const silent = looked.flatMap(({ facts, row, settings, told }): Silent[] =>
    settings && told.some(({ name }) => name === 'silence') ? [{ facts, row, settings }] : [],
  );
  await handOn(tx, silent, now);
  const expired = looked.filter(({ row, facts }) => dropPassed(row, facts, now));
  const orders = looked.flatMap((one) => orderLook(one));
  await writeClocks(
    tx,
    looked.map(({ row }) => row),
  );
  const news = await slaNews(tx, looked);
  await enqueue(tx, [...orders, ...news]);
  await orderRules(tx, [...news.map(ruledOf), ...looked.flatMap(waitedIn)]);
  if (expired.length > 0) {
    await routeChats(
      tx,
      deps,
      now,
      expired.map(({ facts }) => facts.tenantId),
    );
  }
}

async function readSetup(tx: Tx, keys: readonly ConversationKey[]): Promise<Setup> {
  const tenantIds = [...new Set(keys.map(({ tenantId }) => tenantId))];
  const [campaigns, waiting] = await Promise.all([selectSettings(tx, tenantIds), selectWaitingRules(tx, tenantIds)]);
  const rules = new Map<string, WaitingRule[]>();
  for (const { tenantId, ...rule } of waiting) rules.set(tenantId, [...(rules.get(tenantId) ?? []), rule]);
  return { campaigns: new Map(campaigns.map((campaign) => [campaign.id, campaign])), rules };
}

/** Those that have clocks, or should have some. */
async function choose(
  tx: Tx,
  { campaigns, rules }: Setup,
  keys: readonly ConversationKey[],
  fired: ReadonlyMap<string, Date>,
): Promise<ConversationKey[]> {
  const tenants = new Set([...rules.keys(), ...[...campaigns.values()].map(({ tenantId }) => tenantId)]);
  const unique = [...new Map(keys.map((key) => [key.id, key])).values()];
  const own = unique.filter(({ tenantId, id }) => tenants.has(tenantId) || fired.has(id));
  if (own.length === 0) return [];
  const [facts, clocked] = await Promise.all([selectFacts(tx, own), selectClocked(tx, own)]);
  const has = new Set(clocked.map(({ id }) => id));
  return facts.filter(
    ({ id, tenantId, campaignId }) => has.has(id) || rules.has(tenantId) || campaigns.has(campaignId ?? ''),
  );
}

function look(row: ClocksRow, facts: FactsRow, setup: Setup, now: Date, firedAt: Date | undefined): Looked {
  const settings = setup.campaigns.get(facts.campaignId ?? '') ?? null;
  const rules = setup.rules.get(facts.tenantId) ?? [];
  const wanted = facts.isBlocked ? [] : wantedClocks(facts, settings, rules, now);
  const runsIn = (name: ClockName) => (settings?.clocksInHours && !name.startsWith('waiting:') ? settings : null);
  const ends = { first_response: facts.firstResponseAt, resolution: facts.closedAt };
  const { clocks, told } = advanceClocks(row.clocks, wanted, runsIn, now, ends);
  row.clocks = clocks;
  row.dueAt = nextDue(clocks);
  row.isBreached = hasBreach(clocks);
  if (firedAt && row.timerAt && row.timerAt <= firedAt) row.timerAt = null;
  return { facts, row, settings, told };
}

/** Who was passed over may take the chat again after a while, or once the customer was answered. */
function dropPassed(row: ClocksRow, { awaitedSince }: FactsRow, now: Date): boolean {
  const since = awaitedSince?.toISOString();
  const left = row.passedOver.filter((one) => one.since === since && new Date(one.until) > now);
  const dropped = left.length < row.passedOver.length;
  row.passedOver = left;
  return dropped;
}

/** The order of the next look, unless an earlier one is ordered: that one decides anew. */
function orderLook({ row, facts }: Looked): BuiltEvent[] {
  const timer = { tenantId: row.tenantId, key: `${CLOCKS}${row.conversationId}` };
  const times = [nextLook(row.clocks), ...row.passedOver.map(({ until }) => new Date(until))].filter((t) => t !== null);
  if (facts.status === 'closed' || times.length === 0) {
    const isOrdered = row.timerAt !== null && facts.status === 'closed';
    if (isOrdered) row.timerAt = null;
    return isOrdered ? [timerCancellation(timer)] : [];
  }
  const fireAt = new Date(Math.min(...times.map(Number)));
  if (row.timerAt !== null && row.timerAt <= fireAt) return [];
  row.timerAt = fireAt;
  return [timerOrder({ ...timer, fireAt })];
}

/** A target's news, as rules know it. */
const ruledOf = ({ envelope }: BuiltEvent): Occurrence => {
  const { conversationId } = envelope.data as EventData<typeof slaWarned>;
  const event = envelope.type === slaWarned.type ? 'sla.warned' : 'sla.breached';
  return { tenantId: envelope.tenantid, event, eventId: envelope.id, conversationId };
};

/** The rules that waited with the customer for as long as they say. */
const waitedIn = ({ row, told }: Looked): Occurrence[] =>
  told.flatMap(({ name }) => {
    const [prefix, ruleId] = name.split(':');
    if (prefix !== 'waiting' || !ruleId) return [];
    const { tenantId, conversationId } = row;
    const eventId = waitId(ruleId, conversationId, row.clocks[name]!.about);
    return [{ tenantId, event: 'customer.waiting', eventId, conversationId, ruleId }];
  });

const isTarget = (name: ClockName): name is SlaTarget => (SLA_TARGETS as readonly string[]).includes(name);

async function slaNews(tx: Tx, looked: readonly Looked[]): Promise<BuiltEvent[]> {
  const news = looked.flatMap(({ facts, told }) =>
    told.flatMap(({ name, kind, dueAt }) => (isTarget(name) ? [{ facts, target: name, kind, dueAt }] : [])),
  );
  if (news.length === 0) return [];
  const contacts = new Map<string, ContactRow>(
    (
      await findContacts(
        tx,
        news.map(({ facts: { tenantId, contactId } }) => ({ tenantId, id: contactId })),
      )
    ).map((contact) => [contact.id, contact]),
  );
  return news.flatMap(({ facts, target, kind, dueAt }) => {
    const { tenantId, id, channelId, campaignId, assignedUserId, contactId } = facts;
    const contact = contacts.get(contactId);
    // A chat that left its campaign has no targets any more.
    if (!contact || campaignId === null) return [];
    const who = { id: contactId, name: contact.name, phone: contact.phone };
    const data = { conversationId: id, channelId, campaignId, assignedUserId, contact: who, target, dueAt };
    return [buildEvent(kind === 'warned' ? slaWarned : slaBreached, { tenantId, subject: id, data })];
  });
}

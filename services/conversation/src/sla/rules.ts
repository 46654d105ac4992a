import type { Campaign, SlaTarget } from '@recado/contracts';
import { afterOpenTime, type Hours, openTimeBetween } from '../routing/hours.ts';

/** `waiting:<rule>`: an automation rule that runs when the customer waits. */
export type ClockName = SlaTarget | 'silence' | `waiting:${string}`;

/** A clock of a conversation. Times are ISO 8601. */
export interface Clock {
  /** What it runs for; of another one it begins anew. */
  about: string;
  startedAt: string;
  /** Null: it stands still, or falls due in no time that counts. */
  dueAt: string | null;
  warnAt: string | null;
  /** Milliseconds that are left while it stands still; null: it runs. */
  left: { due: number; warn: number | null } | null;
  warnedAt: string | null;
  breachedAt: string | null;
  endedAt: string | null;
}
export type Clocks = Partial<Record<ClockName, Clock>>;

/** An agent who does not get the chat again until then. */
export interface PassedOver {
  userId: string;
  until: string;
  /** Since when the customer waited: with an answer it ends. */
  since: string;
}

/** A clock that a conversation should have now. */
export interface Wanted {
  name: ClockName;
  about: string;
  startedAt: Date;
  seconds: number;
  /** Of the time, when it is warned of; null: never. */
  warnPercent: number | null;
  stands: boolean;
}

export type ClockSettings = Pick<
  Campaign,
  | 'slaFirstResponseSeconds'
  | 'slaNextResponseSeconds'
  | 'slaResolutionSeconds'
  | 'slaWarnPercent'
  | 'silenceSeconds'
  | 'botEnabled'
>;

/** What of a conversation decides on its clocks. */
export interface ClockFacts {
  status: string;
  createdAt: Date;
  assignedUserId: string | null;
  assignedAt: Date | null;
  awaitedSince: Date | null;
  firstResponseAt: Date | null;
  closedAt: Date | null;
  snoozedUntil?: Date | null;
}

/** A rule that runs when the customer waits this long. */
export interface WaitingRule {
  id: string;
  afterSeconds: number;
}

const AI_TURN = ['new', 'bot'];

/** The clocks that should run, or stand still, for a conversation in its present state. */
export function wantedClocks(
  facts: ClockFacts,
  settings: ClockSettings | null,
  rules: readonly WaitingRule[],
  now: Date,
): Wanted[] {
  if (facts.status === 'closed') return [];
  const waiting = facts.status === 'bot' ? [] : rules;
  const awaited = facts.awaitedSince;
  return [
    ...(settings ? targetsOf(facts, settings, now) : []),
    ...(awaited
      ? waiting.map(({ id, afterSeconds }): Wanted => {
          const name = `waiting:${id}` as const;
          const about = `${awaited.toISOString()} ${afterSeconds}`;
          return { name, about, startedAt: awaited, seconds: afterSeconds, warnPercent: null, stands: false };
        })
      : []),
  ];
}

function targetsOf(facts: ClockFacts, settings: ClockSettings, now: Date): Wanted[] {
  // The AI has its own time: people answer for theirs.
  if (AI_TURN.includes(facts.status)) return [];
  const { awaitedSince: awaited, assignedUserId, assignedAt, firstResponseAt } = facts;
  const wanted: Wanted[] = [];
  const add = (name: ClockName, about: string, startedAt: Date, seconds: number | null, stands = false) => {
    const warnPercent = name === 'silence' ? null : settings.slaWarnPercent;
    if (seconds !== null) wanted.push({ name, about, startedAt, seconds, warnPercent, stands });
  };
  if (awaited) {
    const about = awaited.toISOString();
    if (firstResponseAt === null) {
      add('first_response', 'first', settings.botEnabled ? now : awaited, settings.slaFirstResponseSeconds);
    } else add('next_response', about, awaited, settings.slaNextResponseSeconds);
    if (assignedUserId !== null) {
      const since = assignedAt !== null && assignedAt > awaited ? assignedAt : awaited;
      add('silence', `${assignedUserId} ${since.toISOString()}`, since, settings.silenceSeconds);
    }
  }
  // Who waits for the customer is not late.
  const stands = (facts.status === 'pending' || Boolean(facts.snoozedUntil)) && awaited === null;
  add('resolution', 'open', settings.botEnabled ? now : facts.createdAt, settings.slaResolutionSeconds, stands);
  return wanted;
}

/** A target that was missed, or soon will be. */
export interface Told {
  name: ClockName;
  kind: 'warned' | 'breached';
  dueAt: string;
}

export interface Advance {
  clocks: Clocks;
  told: Told[];
}

/** Hours in which a clock runs; null: always. */
type RunsIn = (name: ClockName) => Hours | null;

/**
 * The clocks as they are now, and what is to be told of them, each once. A clock that is not wanted
 * any more has ended: those of targets stay to be seen.
 * @param ends when a target was met, where that is known
 */
export function advanceClocks(
  before: Clocks,
  wanted: readonly Wanted[],
  runsIn: RunsIn,
  now: Date,
  ends: Partial<Record<ClockName, Date | null>> = {},
): Advance {
  const clocks: Clocks = {};
  const told: Told[] = [];
  const tell = (name: ClockName, clock: Clock, at: Date) => told.push(...fire(name, clock, at));
  for (const one of wanted) {
    const known = before[one.name];
    const goesOn = known?.about === one.about && known.endedAt === null;
    // What is open again has all its time again.
    const opened = known?.about === one.about && isTarget(one.name) ? { ...one, startedAt: now } : one;
    const clock = goesOn ? { ...known } : begin(opened, runsIn(one.name));
    if (clock.left === null) tell(one.name, clock, now);
    setStanding(clock, one.stands, runsIn(one.name), now);
    clocks[one.name] = clock;
  }
  for (const [key, known] of Object.entries(before) as [ClockName, Clock][]) {
    if (clocks[key] || !isTarget(key)) continue;
    const clock = { ...known };
    if (clock.endedAt === null) {
      const end = ends[key] ?? now;
      if (clock.left === null) tell(key, clock, end < now ? end : now);
      clock.endedAt = (end < now ? end : now).toISOString();
    }
    clocks[key] = clock;
  }
  return { clocks, told };
}

const isTarget = (name: ClockName): boolean => name !== 'silence' && !name.startsWith('waiting:');

/** A rule with its own time, in hours of none. */
function begin({ about, startedAt, seconds, warnPercent }: Wanted, hours: Hours | null): Clock {
  const after = (ms: number) => later(hours, startedAt, ms)?.toISOString() ?? null;
  return {
    about,
    startedAt: startedAt.toISOString(),
    dueAt: after(seconds * 1000),
    warnAt: warnPercent === null ? null : after(seconds * 10 * warnPercent),
    left: null,
    warnedAt: null,
    breachedAt: null,
    endedAt: null,
  };
}

const later = (hours: Hours | null, from: Date, ms: number): Date | null =>
  hours ? afterOpenTime(hours, from, ms) : new Date(from.getTime() + ms);
const between = (hours: Hours | null, from: Date, to: Date): number =>
  hours ? openTimeBetween(hours, from, to) : Math.max(0, to.getTime() - from.getTime());

function setStanding(clock: Clock, stands: boolean, hours: Hours | null, now: Date): void {
  if (stands && clock.left === null && clock.dueAt !== null && clock.breachedAt === null) {
    const warn = clock.warnAt === null ? null : between(hours, now, new Date(clock.warnAt));
    clock.left = { due: between(hours, now, new Date(clock.dueAt)), warn };
    clock.dueAt = null;
    clock.warnAt = null;
  } else if (!stands && clock.left !== null) {
    clock.dueAt = later(hours, now, clock.left.due)?.toISOString() ?? null;
    clock.warnAt = clock.left.warn === null ? null : (later(hours, now, clock.left.warn)?.toISOString() ?? null);
    clock.left = null;
  }
}

/** What has come until then, noted on the clock. A missed target is not warned of any more. */
function fire(name: ClockName, clock: Clock, at: Date): Told[] {
  const { dueAt, warnAt } = clock;
  if (dueAt === null || clock.breachedAt !== null) return [];
  if (new Date(dueAt) <= at) {
    clock.breachedAt = dueAt;
    return [{ name, kind: 'breached', dueAt }];
  }
  if (warnAt === null || clock.warnedAt !== null || new Date(warnAt) > at) return [];
  clock.warnedAt = warnAt;
  return [{ name, kind: 'warned', dueAt }];
}

/** When the conversation is looked at next; null: nothing is to come. */
export function nextLook(clocks: Clocks): Date | null {
  const times = running(clocks).flatMap(({ warnAt, warnedAt, dueAt, breachedAt }) =>
    breachedAt === null ? [warnedAt === null ? warnAt : null, dueAt] : [],
  );
  return earliest(times);
}

/** The earliest target that runs and was not missed. */
export const nextDue = (clocks: Clocks): Date | null =>
  earliest(runningTargets(clocks).map(({ dueAt, breachedAt }) => (breachedAt === null ? dueAt : null)));

export const hasBreach = (clocks: Clocks): boolean =>
  runningTargets(clocks).some(({ breachedAt }) => breachedAt !== null);

const running = (clocks: Clocks): Clock[] =>
  (Object.values(clocks) as Clock[]).filter(({ endedAt }) => endedAt === null);
const runningTargets = (clocks: Clocks): Clock[] =>
  (Object.entries(clocks) as [ClockName, Clock][]).flatMap(([name, clock]) =>
    isTarget(name) && clock.endedAt === null ? [clock] : [],
  );

function earliest(times: readonly (string | null)[]): Date | null {
  const known = times.filter((at) => at !== null).sort();
  return known[0] === undefined ? null : new Date(known[0]);
}

/** A number and its tenant. */
export interface DemandKey {
  tenantId: string;
  channelId: string;
}

/**
 * Which channels have how much to send, which of them must wait, and what is on its way. Pure but
 * for its own memory; fair between tenants.
 */
export interface Demand {
  /** A channel has (at least) `count` more rows. */
  add(key: DemandKey, count: number): void;
  /** Nothing of it goes before `until` (milliseconds). */
  hold(key: DemandKey, until: number): void;
  /**
   * Takes what may go now: of each tenant in turn, those with the fewest on their way first; within
   * a tenant of each channel in turn.
   */
  take(now: number): (DemandKey & { amount: number })[];
  /**
   * When the next held channel may go; Infinity when none waits, or only such without room, whose
   * ends wake anyway.
   */
  nextAt(now: number): number;
  /** A send of the channel is on its way. */
  begin(key: DemandKey): void;
  /** It ended. */
  end(key: DemandKey): void;
  /** Sends on their way. */
  inFlight(): number;
}

export interface Places {
  /** Sends on their way at once. */
  all: number;
  perTenant: number;
  perChannel: number;
  /** Kept for tenants that have nothing on its way. */
  spare: number;
}

/**
 * What a process shares out: a channel has half of the connections at most, a tenant three
 * quarters, and one eighth is for newcomers.
 */
export function sharePlaces(all: number): Places {
  const part = (share: number) => Math.max(1, Math.floor(all * share));
  return { all, perTenant: part(3 / 4), perChannel: part(1 / 2), spare: Math.floor(all / 8) };
}

interface ChannelLine {
  channelId: string;
  count: number;
  heldUntil: number;
  running: number;
}

interface TenantLine {
  tenantId: string;
  running: number;
  /** In the order of waiting, like the tenants: what was served goes to the end. */
  channels: Map<string, ChannelLine>;
}

/** Numbers are guesses; this keeps them small. */
const CAP = 10_000;

/** Everything that waits or is on its way. */
interface Lines {
  readonly places: Places;
  /** In the order of waiting. */
  readonly tenants: Map<string, TenantLine>;
  /** Sends on their way. */
  running: number;
}

export function createDemand(places: Places): Demand {
  const lines: Lines = { places, tenants: new Map(), running: 0 };
  return {
    add(key, count) {
      const [, channel] = lineOf(lines, key);
      channel.count = Math.min(CAP, channel.count + count);
    },
    hold(key, until) {
      lineOf(lines, key)[1].heldUntil = until;
    },
    take: (now) =>
      [...shareOut(lines, now)].map(([channel, { tenant, amount }]) => serve(lines, tenant, channel, amount)),
    nextAt: (now) => nextAt(lines, now),
    begin: (key) => count(lines, key, 1),
    end(key) {
      count(lines, key, -1);
      forget(lines, ...lineOf(lines, key));
    },
    inFlight: () => lines.running,
  };
}

function lineOf({ tenants }: Lines, { tenantId, channelId }: DemandKey): [TenantLine, ChannelLine] {
  const tenant = tenants.get(tenantId) ?? { tenantId, running: 0, channels: new Map() };
  const channel = tenant.channels.get(channelId) ?? { channelId, count: 0, heldUntil: 0, running: 0 };
  tenants.set(tenantId, tenant);
  tenant.channels.set(channelId, channel);
  return [tenant, channel];
}

function forget({ tenants }: Lines, tenant: TenantLine, channel: ChannelLine): void {
  if (channel.running === 0 && channel.count === 0) tenant.channels.delete(channel.channelId);
  if (tenant.running === 0 && tenant.channels.size === 0) tenants.delete(tenant.tenantId);
}

function count(lines: Lines, key: DemandKey, change: 1 | -1): void {
  const [tenant, channel] = lineOf(lines, key);
  lines.running += change;
  tenant.running += change;
  channel.running += change;
}

/** `extra`: what is about to go beside what is on its way. */
function hasRoom({ places, running }: Lines, tenant: TenantLine, extra = { all: 0, tenant: 0 }): boolean {
  const own = tenant.running + extra.tenant;
  const limit = own === 0 ? places.all : places.all - places.spare;
  return own < places.perTenant && running + extra.all < limit;
}

function readyChannels({ places }: Lines, tenant: TenantLine, now: number): ChannelLine[] {
  return [...tenant.channels.values()].filter(
    ({ count: waiting, heldUntil, running }) => waiting > 0 && heldUntil <= now && running < places.perChannel,
  );
}

interface Candidate {
  tenant: TenantLine;
  /** Its channels that may send, the next one first. */
  ready: ChannelLine[];
  /** What it is given in this round. */
  extra: number;
}

/** How much of each channel may go now: one place after the other to who has the fewest. */
function shareOut(lines: Lines, now: number): Map<ChannelLine, { tenant: TenantLine; amount: number }> {
  const { places } = lines;
  const waiting = [...lines.tenants.values()]
    .filter((tenant) => hasRoom(lines, tenant))
    .map((tenant): Candidate => ({ tenant, ready: readyChannels(lines, tenant, now), extra: 0 }))
    .filter(({ ready }) => ready.length > 0)
    .sort((a, b) => a.tenant.running - b.tenant.running)
    .slice(0, places.all);
  const amounts = new Map<ChannelLine, { tenant: TenantLine; amount: number }>();
  for (let all = 0; ; all++) {
    const next = pickNext(lines, waiting, all);
    if (!next) return amounts;
    next.extra++;
    const channel = next.ready.shift()!;
    const amount = (amounts.get(channel)?.amount ?? 0) + 1;
    amounts.set(channel, { tenant: next.tenant, amount });
    if (amount < channel.count && channel.running + amount < places.perChannel) next.ready.push(channel);
  }
}

function pickNext(lines: Lines, waiting: readonly Candidate[], all: number): Candidate | null {
  let next: Candidate | null = null;
  for (const one of waiting) {
    if (one.ready.length === 0 || !hasRoom(lines, one.tenant, { all, tenant: one.extra })) continue;
    if (!next || one.tenant.running + one.extra < next.tenant.running + next.extra) next = one;
  }
  return next;
}

/** Takes so many of a channel; it and its tenant go to the end of their lines. */
function serve(lines: Lines, tenant: TenantLine, channel: ChannelLine, amount: number) {
  channel.count -= amount;
  channel.heldUntil = 0;
  lines.tenants.delete(tenant.tenantId);
  lines.tenants.set(tenant.tenantId, tenant);
  tenant.channels.delete(channel.channelId);
  tenant.channels.set(channel.channelId, channel);
  forget(lines, tenant, channel);
  return { tenantId: tenant.tenantId, channelId: channel.channelId, amount };
}

function nextAt(lines: Lines, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const tenant of lines.tenants.values()) {
    if (!hasRoom(lines, tenant)) continue;
    for (const { count: waiting, heldUntil, running } of tenant.channels.values()) {
      if (waiting > 0 && running < lines.places.perChannel) next = Math.min(next, Math.max(now, heldUntil));
    }
  }
  return next;
}

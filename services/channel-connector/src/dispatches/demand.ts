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

export function createDemand(places: Places): Demand {
  const tenants = new Map<string, TenantLine>();
  let running = 0;

  function lineOf({ tenantId, channelId }: DemandKey): [TenantLine, ChannelLine] {
    const tenant = tenants.get(tenantId) ?? { tenantId, running: 0, channels: new Map() };
    const channel = tenant.channels.get(channelId) ?? { channelId, count: 0, heldUntil: 0, running: 0 };
    tenants.set(tenantId, tenant);
    tenant.channels.set(channelId, channel);
    return [tenant, channel];
  }

  function forget(tenant: TenantLine, channel: ChannelLine): void {
    if (channel.running === 0 && channel.count === 0) tenant.channels.delete(channel.channelId);
    if (tenant.running === 0 && tenant.channels.size === 0) tenants.delete(tenant.tenantId);
  }

  /** `extra`: what is about to go beside what is on its way. */
  const hasRoom = (tenant: TenantLine, extra = { all: 0, tenant: 0 }) => {
    const own = tenant.running + extra.tenant;
    const limit = own === 0 ? places.all : places.all - places.spare;
    return own < places.perTenant && running + extra.all < limit;
  };

  function readyChannels(tenant: TenantLine, now: number): ChannelLine[] {
    return [...tenant.channels.values()].filter(
      ({ count, heldUntil, running: own }) => count > 0 && heldUntil <= now && own < places.perChannel,
    );
  }

  return {
    add(key, count) {
      const [, channel] = lineOf(key);
      channel.count = Math.min(CAP, channel.count + count);
    },
    hold(key, until) {
      lineOf(key)[1].heldUntil = until;
    },
    take(now) {
      const waiting = [...tenants.values()]
        .filter((tenant) => hasRoom(tenant))
        .map((tenant) => ({ tenant, ready: readyChannels(tenant, now), extra: 0 }))
        .filter(({ ready }) => ready.length > 0)
        .sort((a, b) => a.tenant.running - b.tenant.running)
        .slice(0, places.all);
      const amounts = new Map<ChannelLine, { tenant: TenantLine; amount: number }>();
      for (let all = 0; ; all++) {
        let next: (typeof waiting)[number] | null = null;
        for (const one of waiting) {
          if (one.ready.length === 0 || !hasRoom(one.tenant, { all, tenant: one.extra })) continue;
          if (!next || one.tenant.running + one.extra < next.tenant.running + next.extra) next = one;
        }
        if (!next) break;
        next.extra++;
        const channel = next.ready.shift()!;
        const amount = (amounts.get(channel)?.amount ?? 0) + 1;
        amounts.set(channel, { tenant: next.tenant, amount });
        if (amount < channel.count && channel.running + amount < places.perChannel) next.ready.push(channel);
      }
      return [...amounts].map(([channel, { tenant, amount }]) => {
        channel.count -= amount;
        channel.heldUntil = 0;
        tenants.delete(tenant.tenantId);
        tenants.set(tenant.tenantId, tenant);
        tenant.channels.delete(channel.channelId);
        tenant.channels.set(channel.channelId, channel);
        forget(tenant, channel);
        return { tenantId: tenant.tenantId, channelId: channel.channelId, amount };
      });
    },
    nextAt(now) {
      let next = Number.POSITIVE_INFINITY;
      for (const tenant of tenants.values()) {
        if (!hasRoom(tenant)) continue;
        for (const { count, heldUntil, running: own } of tenant.channels.values()) {
          if (count > 0 && own < places.perChannel) next = Math.min(next, Math.max(now, heldUntil));
        }
      }
      return next;
    },
    begin(key) {
      const [tenant, channel] = lineOf(key);
      running++;
      tenant.running++;
      channel.running++;
    },
    end(key) {
      const [tenant, channel] = lineOf(key);
      running--;
      tenant.running--;
      channel.running--;
      forget(tenant, channel);
    },
    inFlight: () => running,
  };
}

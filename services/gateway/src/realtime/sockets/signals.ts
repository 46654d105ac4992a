import { uuid, uuidv7 } from '@recado/contracts';
import type { Log } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RedisGate } from '../../limits/redis-gate.ts';

/** What the gateways tell each other. Lost while Redis is away: nothing may depend on it. */
export interface Signals {
  /** Tells the other gateways. */
  send(name: string, data: object): void;
  /** Calls back with what other gateways sent under a name, if it is as the schema says. */
  on<T extends z.ZodType>(name: string, schema: T, hear: (data: z.output<T>) => void): void;
  stop(): void;
}

const CHANNEL = 'recado:signals';
const signal = z.object({ gateway: uuid(), name: z.string(), data: z.unknown() });

export function startSignals({ redis, gate, log }: { redis: Redis; gate: RedisGate; log: Log }): Signals {
  const gateway = uuidv7();
  const hearers = new Map<string, (data: unknown) => void>();
  const listener = redis.duplicate({ lazyConnect: true, enableOfflineQueue: true, maxRetriesPerRequest: null });
  listener.on('error', (err) => log.debug({ err }, 'redis'));
  listener.on('message', (_channel: string, text: string) => {
    const said = readSignal(text);
    if (said && said.gateway !== gateway) hearers.get(said.name)?.(said.data);
  });
  listener.subscribe(CHANNEL).catch((err: unknown) => log.warn({ err }, 'other gateways are not heard'));
  return {
    send: (name, data) => void gate.ask(() => redis.publish(CHANNEL, JSON.stringify({ gateway, name, data }))),
    on(name, schema, hear) {
      hearers.set(name, (data) => {
        const read = schema.safeParse(data);
        if (read.success) hear(read.data);
      });
    },
    stop: () => listener.disconnect(),
  };
}

/** Null for what is no signal of ours. */
function readSignal(text: string): z.infer<typeof signal> | null {
  try {
    return signal.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

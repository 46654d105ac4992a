import type { z } from 'zod';
import { customerMessage } from '../meta/customers.ts';
import type { MetaNumber } from '../meta/numbers.ts';
import type { World } from '../world.ts';
import type { floodSchema } from './schemas.ts';

export interface FloodState {
  id: string;
  phoneNumberId: string;
  /** Messages it will have sent at its end. */
  total: number;
  sent: number;
  /** Not sent because too many webhooks were waiting. */
  skipped: number;
  done: boolean;
  startedAt: string;
  finishedAt: string | null;
}

export interface Floods {
  start(world: World, number: MetaNumber, input: z.output<typeof floodSchema>): FloodState;
  find(id: string): FloodState | null;
  list(): FloodState[];
  stop(id: string): boolean;
  stopAll(): void;
}

const TICK_MS = 5;
const MAX_REMEMBERED = 100;

/** Floods of customers' messages at a steady rate: what is due by the clock is sent, so a slow tick is made up for. */
export function createFloods(): Floods {
  const floods = new Map<string, FloodState>();
  const stops = new Map<string, () => void>();

  const end = (id: string) => {
    stops.get(id)?.();
    stops.delete(id);
    const state = floods.get(id);
    if (state && !state.done) {
      state.done = true;
      state.finishedAt = new Date().toISOString();
    }
  };

  return {
    start(world, number, input) {
      const total = Math.max(1, Math.round(input.perSecond * input.seconds));
      const id = world.ids.short('flood-');
      const state: FloodState = {
        id,
        phoneNumberId: number.phoneNumberId,
        total,
        sent: 0,
        skipped: 0,
        done: false,
        startedAt: new Date().toISOString(),
        finishedAt: null,
      };
      floods.set(id, state);
      if (floods.size > MAX_REMEMBERED) {
        for (const [old, { done }] of floods) {
          if (!done) continue;
          floods.delete(old);
          break;
        }
      }
      const startedAt = performance.now();
      const stop = world.timers.every(TICK_MS, () => {
        const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * input.perSecond));
        while (state.sent + state.skipped < due) {
          if (world.webhooks.pending() >= world.maxPending) {
            state.skipped++;
            continue;
          }
          const nth = state.sent++;
          const customer = nth % input.customers;
          const item = customerMessage(world, number, {
            from: `${input.prefix}${70_000_000 + customer}`,
            name: `Customer ${customer}`,
            kind: 'text',
            text: `${input.text} ${id} #${nth}`,
          });
          world.webhooks.push(number.phoneNumberId, item);
        }
        if (state.sent + state.skipped >= total) end(id);
      });
      stops.set(id, stop);
      return state;
    },
    find: (id) => floods.get(id) ?? null,
    list: () => [...floods.values()],
    stop(id) {
      if (!floods.has(id)) return false;
      end(id);
      return true;
    },
    stopAll() {
      for (const id of [...stops.keys()]) end(id);
    },
  };
}

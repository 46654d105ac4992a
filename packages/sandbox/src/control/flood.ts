import type { z } from 'zod';
import { customerMessage } from '../meta/customers.ts';
import type { MetaNumber } from '../meta/numbers.ts';
import type { SandboxParts } from '../parts.ts';
import type { FloodState } from './floods.ts';
import type { floodSchema } from './schemas.ts';

const TICK_MS = 5;

/**
 * Starts a flood of customers' messages at a steady rate. What is due by the clock is sent, so a
 * slow tick is made up for.
 */
export function startFlood(parts: SandboxParts, number: MetaNumber, input: z.output<typeof floodSchema>): FloodState {
  const total = Math.max(1, Math.round(input.perSecond * input.seconds));
  const id = parts.ids.short('flood-');
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
  const startedAt = performance.now();
  const stop = parts.timers.every(TICK_MS, () => {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * input.perSecond));
    while (state.sent + state.skipped < due) {
      if (parts.webhooks.pending() >= parts.maxPending) {
        state.skipped++;
        continue;
      }
      const nth = state.sent++;
      const customer = nth % input.customers;
      const item = customerMessage(parts, number, {
        from: `${input.prefix}${70_000_000 + customer}`,
        name: `Customer ${customer}`,
        kind: 'text',
        text: `${input.text} ${id} #${nth}`,
      });
      parts.webhooks.push(number.phoneNumberId, item);
    }
    if (state.sent + state.skipped >= total) parts.floods.stop(id);
  });
  parts.floods.add(state, stop);
  return state;
}

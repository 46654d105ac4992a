import {
  aiTimerCancelled,
  aiTimerOrdered,
  conversationTimerCancelled,
  conversationTimerOrdered,
  type EventContract,
  type ServiceName,
  type timerCancelData,
  type timerOrderData,
} from '@recado/contracts';
import type { EventConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { consumeTimerCancelled } from './timer-cancelled.ts';
import { consumeTimerOrdered } from './timer-ordered.ts';

/** The services that may order timers, and their events. Another service is another line. */
const ORDERS: readonly {
  owner: ServiceName;
  ordered: EventContract<typeof timerOrderData>;
  cancelled: EventContract<typeof timerCancelData>;
}[] = [
  { owner: 'ai-responder', ordered: aiTimerOrdered, cancelled: aiTimerCancelled },
  { owner: 'conversation', ordered: conversationTimerOrdered, cancelled: conversationTimerCancelled },
];

/** Starts what scheduler consumes. Rows know their newest event, so no inbox is kept. */
export function startConsumers(deps: Deps): EventConsumer[] {
  return ORDERS.flatMap(({ owner, ordered, cancelled }) => [
    consumeTimerOrdered(deps, owner, ordered),
    consumeTimerCancelled(deps, owner, cancelled),
  ]);
}

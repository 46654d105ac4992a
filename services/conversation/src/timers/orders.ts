import { type BuiltEvent, buildEvent, conversationTimerCancelled, conversationTimerOrdered } from '@recado/contracts';

export interface TimerOrder {
  tenantId: string;
  /** Unique per tenant; a later order with it moves the timer. */
  key: string;
  fireAt: Date;
  traceparent?: string | undefined;
}

/** The order of a timer, for the transaction that wants it. The scheduler alone keeps time. */
export const timerOrder = ({ tenantId, key, fireAt, traceparent }: TimerOrder): BuiltEvent =>
  buildEvent(conversationTimerOrdered, {
    tenantId,
    traceparent,
    data: { key, fireAt: fireAt.toISOString(), payload: {} },
  });

/** A timer that was ordered does not fire. */
export const timerCancellation = ({ tenantId, key, traceparent }: Omit<TimerOrder, 'fireAt'>): BuiltEvent =>
  buildEvent(conversationTimerCancelled, { tenantId, traceparent, data: { key } });

import type { StopStep } from '@recado/service-kit';

/**
 * What a service adds to its shutdown, by when it stops. Steps of one stage run in the order they
 * were added.
 */
export interface Closing {
  /** After HTTP, before the consumers: what still holds accepted requests. */
  afterHttp(name: string, stop: () => unknown): void;
  /** After the consumers, before the relay: workers and loops that enqueue events. */
  afterConsumers(name: string, stop: () => unknown): void;
  /** After the relay: connections to others. */
  last(name: string, stop: () => unknown): void;
}

/** Collects the steps of a shutdown. */
export function createClosing() {
  const stages = { afterHttp: [] as StopStep[], afterConsumers: [] as StopStep[], last: [] as StopStep[] };
  const add = (stage: keyof typeof stages) => (name: string, stop: () => unknown) =>
    void stages[stage].push([name, stop]);
  const closing: Closing = { afterHttp: add('afterHttp'), afterConsumers: add('afterConsumers'), last: add('last') };
  return { closing, stages };
}

import type { StopStep } from './shutdown.ts';

/** The stages of every shutdown, in their order. Steps of a stage run in the order of adding. */
const STAGES = [
  /** Connections that outlive requests, such as sockets. */
  'beforeHttp',
  'http',
  /** What still holds accepted requests. */
  'afterHttp',
  'consumers',
  /** Workers and loops that enqueue events. */
  'afterConsumers',
  'relay',
  /** Connections to others. */
  'last',
  'pools',
] as const;
type Stage = (typeof STAGES)[number];

/** Adds a named step to a stage of the shutdown. */
export type Closing = Readonly<Record<Stage, (name: string, stop: () => unknown) => void>>;

/** Collects the steps of a shutdown. `steps()`: all that were added, in order. */
export function createClosing(): { closing: Closing; steps(): StopStep[] } {
  const added = new Map<Stage, StopStep[]>(STAGES.map((stage) => [stage, []]));
  const add = (stage: Stage) => (name: string, stop: () => unknown) => void added.get(stage)!.push([name, stop]);
  const closing = Object.fromEntries(STAGES.map((stage) => [stage, add(stage)])) as Closing;
  return { closing, steps: () => STAGES.flatMap((stage) => added.get(stage)!) };
}

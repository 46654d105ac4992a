import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcePlaces } from '../infra/local/stack-frames.ts';

/**
 * The parts of a `.cpuprofile` that are read here. Times in microseconds of the monotonic clock.
 */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
  startTime: number;
}

export interface Hot {
  name: string;
  /** Microseconds in the function itself. */
  us: number;
}

/** Has Node write a profile of the whole life of a process into `dir` when it ends. */
export const profileEnv = (dir: string): Record<string, string> => ({
  NODE_OPTIONS: `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${dir}`,
});

/**
 * Where the processor was between two moments of `process.hrtime()` (the same clock in every
 * process), idling left out.
 */
export function hottest(dir: string, between: { from: bigint; to: bigint }, limit: number): Hot[] {
  const file = readdirSync(dir).find((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error(`No profile in ${dir}`);
  const profile = JSON.parse(readFileSync(join(dir, file), 'utf8')) as Profile;
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const [from, to] = [Number(between.from / 1000n), Number(between.to / 1000n)];
  const sums = new Map<string, number>();
  let at = profile.startTime;
  profile.samples.forEach((id, i) => {
    const delta = profile.timeDeltas[i]!;
    at += delta;
    const frame = frames.get(id);
    if (at < from || at > to || !frame || frame.functionName === '(idle)') return;
    const place = frame.url && sourcePlaces(`${frame.url}:${frame.lineNumber + 1}:${frame.columnNumber + 1}`);
    const name = `${frame.functionName || '(anonymous)'} ${place}`;
    sums.set(name, (sums.get(name) ?? 0) + delta);
  });
  return [...sums]
    .map(([name, us]) => ({ name, us }))
    .sort((a, b) => b.us - a.us)
    .slice(0, limit);
}

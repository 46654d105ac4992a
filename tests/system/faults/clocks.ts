import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@recado/contracts';
import { cacheFolder, fetchDebianFile } from '@recado/testkit/servers';
import type { MeshProcess } from '../../../infra/local/mesh.ts';

const LIBRARY = join(cacheFolder(), 'faketime/libfaketimeMT.so.1');
const FETCH_MS = 120_000;

/** libfaketime, which gives one process a clock of its own; or why there is none. */
export async function findFaketime(): Promise<{ file: string | null; why: string }> {
  try {
    const wanted = { suite: 'bookworm', pack: 'libfaketime', ends: '/libfaketimeMT.so.1', to: LIBRARY };
    if (!existsSync(LIBRARY)) await fetchDebianFile({ ...wanted, signal: AbortSignal.timeout(FETCH_MS) });
    return { file: LIBRARY, why: '' };
  } catch (error) {
    return { file: null, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Processes whose clocks can be turned. */
export const CLOCKED = [...SERVICES, 'postgres'] as const satisfies MeshProcess[];
export type Clocked = (typeof CLOCKED)[number];

export interface Clocks {
  /** What each process is started with. */
  envOf: Record<Clocked, Record<string, string>>;
  /**
   * Turns the clock of one process; 0 is the right time. Timers that run go on: they follow the
   * machine's steady clock.
   */
  turn(name: Clocked, seconds: number): void;
}

/** Gives each process of a mesh a clock that can be turned while it runs. */
export function createClocks(dataDir: string, library: string): Clocks {
  const folder = join(dataDir, 'clocks');
  mkdirSync(folder, { recursive: true });
  // Postgres runs as another user, who does not reach a home.
  const preload = join(folder, 'libfaketime.so');
  copyFileSync(library, preload);
  const turn = (name: Clocked, seconds: number) =>
    writeFileSync(join(folder, name), `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  const envFor = (name: Clocked) => ({
    LD_PRELOAD: preload,
    FAKETIME_TIMESTAMP_FILE: join(folder, name),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  const envOf = {} as Clocks['envOf'];
  for (const name of CLOCKED) {
    envOf[name] = envFor(name);
    turn(name, 0);
  }
  return { envOf, turn };
}

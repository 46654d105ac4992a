import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fetchDebianFile } from './debian-file.ts';
import { findProgram, versionOf } from './find.ts';

/** The nats-servers that tests run on: each by the Debian release that has it. */
export const NATS_RELEASES = [
  { name: '2.9', suite: 'bookworm' },
  { name: '2.10', suite: 'trixie' },
  { name: 'newest', suite: 'sid' },
] as const;
export type NatsRelease = (typeof NATS_RELEASES)[number];

export interface FoundNats {
  name: NatsRelease['name'];
  /** The program, or null when it could not be had. */
  file: string | null;
  /** `2.10.27`, or why there is none. */
  version: string;
}

/** For all that is fetched in one call together. */
const FETCH_MS = 240_000;

/**
 * Finds each release: the machine's program, a copy fetched before, or Debian's package in the
 * user's cache. A nats-server is one static program, so releases can run side by side.
 */
export async function findNatsReleases(): Promise<FoundNats[]> {
  const signal = AbortSignal.timeout(FETCH_MS);
  return Promise.all(NATS_RELEASES.map(({ name }) => findNatsRelease(name, { signal })));
}

/** Finds or fetches one release, like {@link findNatsReleases}. */
export async function findNatsRelease(
  name: NatsRelease['name'],
  { signal = AbortSignal.timeout(FETCH_MS), say }: { signal?: AbortSignal; say?: (line: string) => void } = {},
): Promise<FoundNats> {
  const own = findProgram('nats-server');
  const version = own ? versionOf(own, '-v') : null;
  if (own && version?.startsWith(`${name}.`)) return { name, file: own, version };
  const release = NATS_RELEASES.find((one) => one.name === name)!;
  const file = join(cacheFolder(), 'nats-server', release.suite, 'nats-server');
  try {
    if (!existsSync(file)) {
      say?.(`fetching nats-server of Debian ${release.suite} …`);
      await fetchDebianFile({ suite: release.suite, pack: 'nats-server', ends: 'bin/nats-server', to: file, signal });
    }
    return { name, file, version: versionOf(file, '-v') ?? 'unknown' };
  } catch (error) {
    return { name, file: null, version: error instanceof Error ? error.message : String(error) };
  }
}

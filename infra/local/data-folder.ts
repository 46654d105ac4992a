import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { POSTGRES_USER_ID } from '@recado/testkit/servers';

/**
 * Makes sure that what is in the data folder is ours to use.
 * @throws Error in one sentence with the way out when another user made it.
 */
export function assertOwnData(dataDir: string): void {
  const me = process.getuid?.();
  if (me === undefined) return; // no such thing as owners here
  // As root, Postgres runs as an unprivileged user and owns its part.
  const postgres = me === 0 ? [0, POSTGRES_USER_ID] : [me];
  const wanted: [string, number[]][] = [
    ['.', [me]],
    ['secrets.json', [me]],
    ['postgres', postgres],
    ['postgres/data', postgres],
    ['nats', [me]],
    ['redis', [me]],
  ];
  for (const [name, owners] of wanted) {
    const path = join(dataDir, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found || owners.includes(found.uid)) continue;
    const owner = userName(found.uid);
    throw new Error(
      `${path} was made by the user ${owner}, and you are ${userName(me)}: run npm start as ${owner}, ` +
        'or keep other data by RECADO_DATA_DIR=<folder> npm start.',
    );
  }
}

function userName(uid: number): string {
  const { stdout } = spawnSync('id', ['-nu', String(uid)], { encoding: 'utf8' });
  return stdout?.trim() || `number ${uid}`;
}

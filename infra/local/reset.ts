import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_DIR, findRunning } from './running.ts';

const running = findRunning();
if (running) {
  console.error(`Recado is running (process ${running.pid}). Stop it first: Ctrl-C there, or kill ${running.pid}`);
  process.exit(1);
}
if (existsSync(DATA_DIR)) {
  // In a home closed to strangers Postgres keeps its data elsewhere, behind a link.
  for (const name of readdirSync(DATA_DIR)) {
    const path = join(DATA_DIR, name);
    if (existsSync(path)) rmSync(realpathSync(path), { recursive: true, force: true });
  }
  rmSync(DATA_DIR, { recursive: true, force: true });
}
console.log(`Wiped ${DATA_DIR}. The next npm start begins anew.`);

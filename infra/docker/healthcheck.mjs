// Exit 0 when the service is ready. Plain node:http, because the image has no curl and fetch takes
// twice the time. A stuck service (`/health/live` silent three times) is killed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';

const ANSWER_MS = Number(process.env.HEAL_ANSWER_MS ?? 2500);
const MOST_FAILURES = 3;
const STATE = process.env.HEAL_STATE ?? '/tmp/healthcheck.json';

/** The status of a page, or null when none came in time. */
function statusOf(path) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port: process.env.PORT ?? 3000, path, timeout: ANSWER_MS }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    // `timeout` counts idle time alone.
    const late = setTimeout(() => request.destroy(), ANSWER_MS);
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(null));
    request.on('close', () => {
      clearTimeout(late);
      resolve(null);
    });
  });
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it has ended
  }
}

/** The parent of a process, by the second field after its name in brackets. */
function parentOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** The service: a child of the container's first process, which is Docker's init. */
function findService() {
  const isService = (pid) => commandOf(pid).some((part) => part.endsWith('/main.mjs')) && parentOf(pid) === 1;
  return (
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .find((pid) => pid !== process.pid && isService(pid)) ?? null
  );
}

function readState() {
  try {
    return JSON.parse(readFileSync(STATE, 'utf8'));
  } catch {
    return {};
  }
}

const [ready, live] = await Promise.all([statusOf('/health/ready'), statusOf('/health/live')]);
const pid = findService();
const known = readState();
// Another process than the last time may take its time to start.
const before = known.pid === pid ? known : { failures: 0, well: false };
const silent = ready === null && live === null;
const failures = silent ? before.failures + 1 : 0;
const well = before.well || ready === 200;
writeFileSync(STATE, JSON.stringify({ pid, failures, well }));
if (well && failures >= MOST_FAILURES && pid !== null) {
  console.log(`The service has not answered ${failures} checks: ending it`);
  process.kill(pid, 'SIGKILL');
}
process.exit(ready === 200 ? 0 : 1);

import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startTestMesh } from '../test-mesh.ts';
import { runFuzz } from './run.ts';

const HELP = `Sends malformed requests to a real mesh: every route of every edition, webhooks, pages, sockets, and the services behind.

  npm run test:fuzz                                100,000 requests of seed 42
  npm run test:fuzz -- --seed 7 --requests 20000
  npm run test:fuzz -- --seed 7 --only 1234        one of them again, with the request and its answer
                       --logs                      what the processes log during the run`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '42' },
    requests: { type: 'string', default: '100000' },
    only: { type: 'string' },
    concurrency: { type: 'string', default: '16' },
    logs: { type: 'boolean', default: false },
    targets: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const mesh = await startTestMesh('fuzz', values.logs ? { onLine: (line) => console.log(line) } : {});
const report = await runFuzz(mesh, {
  seed: Number(values.seed),
  requests: Number(values.requests),
  only: values.only === undefined ? undefined : Number(values.only),
  concurrency: Number(values.concurrency),
  say: (line) => console.log(line),
}).catch(async (error) => {
  await mesh.stop();
  throw error;
});

const complaints = mesh.complaints();
// Long enough for what was accepted last to have been consumed.
await pause(2000);
const failed = await mesh.failedEvents();
const same = mesh.sameProcesses();
await mesh.stop();

for (const { index, problem, mutations, request, answer } of report.failures) {
  console.log(`\n--only ${index}  ${problem}\n  ${mutations.join('; ') || 'nothing changed'}`);
  console.log(request.replace(/^/gm, '  > '));
  console.log(answer.replace(/^/gm, '  < '));
}
for (const line of failed.slice(0, 30)) console.log(line.slice(0, 500));
for (const line of complaints.slice(0, 30)) console.log(line.slice(0, 2000));
if (values.targets) {
  for (const [target, counts] of [...report.byTarget].sort()) {
    const text = Object.entries(counts).map(([status, n]) => `${status}×${n}`);
    console.log(`${target.padEnd(70)} ${text.join(' ')}`);
  }
}

const statuses = Object.entries(report.byStatus).map(([status, n]) => `${status}: ${n}`);
console.log(
  `\n${report.sent} requests of seed ${values.seed} in ${report.seconds.toFixed(0)} s, ${report.tenants} tenants`,
);
console.log(`by status      ${statuses.join(', ')}`);
console.log(`with a token   ${report.withToken}, of which ${report.letIn} were let in (not 401, 403, 429)`);
const never = [...report.byTarget].filter(([, counts]) => !Object.keys(counts).some((status) => /^[23]/.test(status)));
console.log(`never 2xx, 3xx ${never.map(([target]) => target).join(', ') || 'none'}`);
console.log(`failures       ${report.failures.length}`);
console.log(`complaints     ${complaints.length}`);
console.log(`failed events  ${failed.length}`);
console.log(`processes      ${same ? 'all the same' : 'NOT the same'}`);
process.exit(report.failures.length === 0 && complaints.length === 0 && failed.length === 0 && same ? 0 : 1);

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@recado/testkit/servers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('healthcheck.mjs', import.meta.url));
// A container is a namespace of processes, which only root may make. In CI a machine without one
// must fail.
const possible = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

/** A service that is live and as ready as READY says. */
const SERVICE = `
import { createServer } from 'node:http';
createServer((request, response) => {
  response.writeHead(request.url === '/health/ready' ? Number(process.env.READY) : 200).end();
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
/** The container's first process: it runs the service, and `check`s it as Docker does. */
const INIT = `
"$NODE" "$DIR/dist/gateway/main.mjs" & service=$!
check() { "$NODE" "$SCRIPT" >/dev/null; last=$?; }
state() { sleep 0.1; kill -0 $service 2>/dev/null && echo runs || echo ended; }
started() { until "$NODE" -e "fetch('http://127.0.0.1:$PORT').then(() => process.exit(0), () => process.exit(1))"; do :; done; }
started
`;

describe.skipIf(!possible && !process.env.CI)('the health check in a container', () => {
  let dir: string;
  let port: number;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'recado-health-'));
    mkdirSync(join(dir, 'dist/gateway'), { recursive: true });
    writeFileSync(join(dir, 'dist/gateway/main.mjs'), SERVICE);
    port = await freePort();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function inContainer(commands: string, ready = 200): string[] {
    const env = {
      PATH: process.env.PATH,
      NODE: process.execPath,
      DIR: dir,
      SCRIPT: script,
      PORT: String(port),
      READY: String(ready),
      HEAL_STATE: join(dir, 'state.json'),
      HEAL_ANSWER_MS: '500',
    };
    // The namespace ends with its first process, and the service with it.
    const run = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'sh', '-c', `${INIT}${commands}`], {
      env,
      encoding: 'utf8',
      timeout: 25_000,
    });
    expect(run.stderr).not.toContain('Error');
    return run.stdout.trim().split('\n');
  }

  test('ends a healthy service that is silent in three checks in a row', () => {
    const said = inContainer(
      'check; echo $last; kill -STOP $service; check; check; echo $last; state; check; echo $last; state',
    );
    expect(said).toEqual(['0', '1', 'runs', '1', 'ended']);
  });

  test('restarts the count when the service answers in between', () => {
    const said = inContainer(
      'check; for n in 1 2; do kill -STOP $service; check; check; kill -CONT $service; check; echo $last; done; state',
    );
    expect(said).toEqual(['0', '0', 'runs']);
  });

  test('does not end a service that answers that it is not ready', () => {
    expect(inContainer('for n in 1 2 3 4 5; do check; echo $last; done; state', 503)).toEqual([
      ...Array.from({ length: 5 }, () => '1'),
      'runs',
    ]);
  });

  test('does not end a service that was never healthy, because it may still start', () => {
    const said = inContainer('kill -STOP $service; for n in 1 2 3 4; do check; done; echo $last; state');
    expect(said).toEqual(['1', 'runs']);
  });
});

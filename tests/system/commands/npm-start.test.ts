import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BROWSER_FLAGS, findBrowser } from '@recado/testkit/servers';
import { type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomPorts } from '../../../infra/local/ports.ts';
import { until } from '../../support/api.ts';
import { ended, type NpmStart, spawnNpmStart, untilReady } from '../../support/npm-start.ts';

let start: NpmStart;
beforeAll(async () => {
  start = await spawnNpmStart();
  await untilReady(start);
});
afterAll(() => start?.end());

/** What the page found out, gathered inside the browser. */
interface Seen {
  login: number;
  chats: number;
  socket: string;
  webSocket: string;
}

describe('a browser page of another port', () => {
  let browser: BrowserContext;
  let pages: Server;
  let profile: string;

  beforeAll(async () => {
    const require = createRequire(import.meta.url);
    const client = await readFile(
      join(dirname(require.resolve('socket.io-client/package.json')), 'dist/socket.io.min.js'),
    );
    pages = createServer((request, response) => {
      const script = request.url === '/socket.io.min.js';
      response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
      response.end(script ? client : '<!doctype html><script src="/socket.io.min.js"></script>');
    });
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
    profile = await mkdtemp(join(tmpdir(), 'recado-browser-'));
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: findBrowser(),
      headless: true,
      args: BROWSER_FLAGS,
    });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    pages?.close();
    if (profile) await rm(profile, { recursive: true, force: true });
  });

  it.each([
    ['localhost', 'localhost'],
    ['localhost', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1'],
  ])('on %s logs in, lists chats and opens both kinds of socket at %s', async (pageHost, gatewayHost) => {
    const page = await browser.newPage();
    await page.goto(`http://${pageHost}:${(pages.address() as AddressInfo).port}/`);
    const seen = await page.evaluate(useAsFrontend, `http://${gatewayHost}:${start.ports.gateway}`);
    await page.close();
    expect(seen).toEqual({ login: 200, chats: 200, socket: 'connected', webSocket: 'pong' } satisfies Seen);
  });
});

/**
 * Runs inside the page: fetches with a preflight, Socket.IO and a plain WebSocket, as a frontend
 * does.
 */
async function useAsFrontend(gateway: string): Promise<Seen> {
  const credentials = { email: 'admin@demo.recado.local', password: 'Recado-demo-2026' };
  const post = (path: string) =>
    fetch(`${gateway}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
    });
  const login = await post('/v1/auth/login');
  const { access_token: token } = (await login.json()) as { access_token: string };
  const chats = await fetch(`${gateway}/v1/chats`, { headers: { authorization: `Bearer ${token}` } });

  const { io } = globalThis as unknown as { io: typeof import('socket.io-client').io };
  const socket = io(gateway, { auth: { token }, reconnection: false });
  const connected = await new Promise<string>((resolve) => {
    socket.on('connect', () => resolve('connected'));
    socket.on('connect_error', (error) => resolve(error.message));
  });
  socket.disconnect();

  const session = (await (await post('/scheduler/api/auth/login')).json()) as {
    access_token: string;
    user: { id: string };
  };
  const plain = new WebSocket(`${gateway.replace('http', 'ws')}/scheduler/ws/${session.user.id}`);
  const webSocket = await new Promise<string>((resolve) => {
    plain.onopen = () => {
      plain.send(JSON.stringify({ type: 'auth', token: session.access_token }));
      // Frames sent before the token was checked are not read.
      setInterval(() => plain.readyState === plain.OPEN && plain.send(JSON.stringify({ type: 'ping' })), 200);
    };
    plain.onmessage = ({ data }) => JSON.parse(data).type === 'pong' && resolve('pong');
    plain.onclose = ({ code, reason }) => resolve(`closed ${code} ${reason}`);
  });
  plain.close();
  return { login: login.status, chats: chats.status, socket: connected, webSocket };
}

describe('SIGTERM to npm', () => {
  it('stops all eleven processes, and npm ends after them', async () => {
    const running = childrenOf(start.npm.pid!);
    expect(running.length).toBeGreaterThanOrEqual(11);
    start.npm.kill('SIGTERM');
    await until('npm to end', async () => (ended(start.npm) ? true : null));
    // The watchdog, a shell, ends once it has seen that we are gone.
    await until('every process to end', async () => (running.some(isAlive) ? null : true));
    expect(start.output()).toContain('Stopping on SIGTERM');
  });
});

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

describe.skipIf(!hasIpv6)('beside another program that listens on [::1] only', () => {
  let other: Server;
  let beside: NpmStart;
  const met: string[] = [];
  beforeAll(async () => {
    const ports = await randomPorts();
    other = createServer((request, response) => {
      met.push(request.url ?? '');
      response.writeHead(418).end('another program');
    });
    await new Promise<void>((resolve) => other.listen(ports.gateway, '::1', resolve));
    beside = await spawnNpmStart({ ports });
    await untilReady(beside);
  });
  afterAll(async () => {
    await beside?.end();
    other?.close();
  });

  it('says so, and all that it prints and runs uses the address that was bound', async () => {
    const { gateway } = beside.ports;
    await until('the notice', async () => (beside.output().includes(`[::1]:${gateway}`) ? true : null));
    expect(beside.output()).toContain(`Another program listens on [::1]:${gateway}. Use 127.0.0.1`);
    const printed = [...beside.output().matchAll(/https?:\/\/([^/\s"]+)/g)].map(([, host]) => host!);
    expect(printed).toContain(`127.0.0.1:${gateway}`);
    expect(printed.filter((host) => !host.startsWith('127.0.0.1:'))).toEqual([]);
    // `npm run demo` reads the addresses that the start wrote down.
    const env = { ...process.env, RECADO_DATA_DIR: beside.dataDir, NO_COLOR: '1', NODE_OPTIONS: '' };
    const demo = new URL('../../../infra/local/demo.ts', import.meta.url).pathname;
    await promisify(execFile)(process.execPath, [demo], { env, timeout: 60_000 });
    expect(met).toEqual([]);
  });
});

/** Process ids of everything below a process, by Linux's /proc. */
function childrenOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // After the name in brackets: state, then the parent.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it has ended
    }
  }
  const found: number[] = [];
  for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found.flatMap((child) => [child, ...childrenOf(child)]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

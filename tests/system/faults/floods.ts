import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createSandboxControl } from '@recado/sandbox';
import { Agent, request } from 'undici';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { until } from '../../support/api.ts';
import { signedTextWebhook } from '../../support/meta-webhook.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import type { Answers, Order } from './flooder.ts';

/** Good webhooks over some time. */
export interface Good {
  /** Answers by status; 0 is none. */
  statuses: Record<number, number>;
  medianMs: number;
  p95Ms: number;
}

/** What a flood did to the gateway. */
export interface Flood {
  good: Good;
  answers: Answers;
  /** Bytes that the gateway's memory grew by at most. */
  grew: number;
  /** What `recado_upload_bytes` said at most. */
  uploadBytes: number;
}

export interface FloodRun {
  mesh: Mesh;
  /** Good webhooks alone, as a measure. */
  alone(): Promise<Good>;
  /** Bodies of 1 MB that stop short of their end, from so many addresses in turn. */
  slowUploads(count: number, addresses: number): Promise<Flood>;
  /** Unsigned bodies of 1 MB that each name 12,500 numbers, so many at once. */
  unsigned(atOnce: number): Promise<Flood>;
  end(): Promise<void>;
}

const FLOODER = fileURLToPath(new URL('flooder.ts', import.meta.url));
const FLOOD_MS = 6000;
const GOOD_PER_SECOND = 20;

/** A mesh with the limits of an installation, and a tenant whose number receives webhooks. */
export async function startFloodRun(dataDir: string): Promise<FloodRun> {
  const mesh = await startMesh({ dataDir, logLevel: 'error', onLine: () => undefined, requestLimits: 'documented' });
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const end = async () => {
    await sandbox.close();
    await mesh.stop();
  };
  try {
    const tenant = await createTenant(mesh.urls.gateway, sandbox);
    const webhook = `${mesh.urls.gateway}/v1/webhooks/whatsapp`;
    const underFlood = async (order: Order): Promise<Flood> => {
      const memory = watchMemory(mesh);
      const [good, answers] = await Promise.all([sendGood(mesh, tenant, order.forMs), flood(order)]);
      const seen = await memory.stop();
      await until('no upload to be left', async () => ((await uploadBytes(mesh)) === 0 ? true : null));
      return { good, answers, ...seen };
    };
    return {
      mesh,
      alone: () => sendGood(mesh, tenant, FLOOD_MS),
      slowUploads: (uploads, addresses) =>
        underFlood({
          url: `${webhook}/meta/${tenant.channelId}`,
          forMs: FLOOD_MS,
          kind: 'slow-uploads',
          uploads,
          addresses,
        }),
      unsigned: (atOnce) => underFlood({ url: webhook, forMs: FLOOD_MS, kind: 'unsigned', atOnce }),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function flood(order: Order): Promise<Answers> {
  const { stdout } = await promisify(execFile)(process.execPath, [FLOODER, JSON.stringify(order)]);
  return JSON.parse(stdout) as Answers;
}

async function sendGood(mesh: Mesh, tenant: TestTenant, forMs: number): Promise<Good> {
  const url = new URL(`/v1/webhooks/whatsapp/meta/${tenant.channelId}`, mesh.urls.gateway);
  const dispatcher = new Agent({ connections: 64 });
  const statuses: Good['statuses'] = {};
  const times: number[] = [];
  const one = async (n: number) => {
    const { body, signature } = signedTextWebhook(tenant.number, {
      from: `57310${String(n % 20).padStart(7, '0')}`,
      name: `Cliente ${n % 20}`,
      text: `mensaje ${n}`,
    });
    const started = performance.now();
    const status = await post(url, body, { 'x-hub-signature-256': signature }, dispatcher);
    times.push(performance.now() - started);
    count(statuses, status);
  };
  const under: Promise<void>[] = [];
  for (let n = 0; n < (forMs / 1000) * GOOD_PER_SECOND; n++) {
    under.push(one(n));
    await pause(1000 / GOOD_PER_SECOND);
  }
  await Promise.all(under);
  await dispatcher.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor((times.length - 1) * share)]!;
  return { statuses, medianMs: at(0.5), p95Ms: at(0.95) };
}

async function post(url: URL, body: Buffer, headers: Record<string, string>, dispatcher: Agent): Promise<number> {
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      dispatcher,
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    return 0;
  }
}

/** Looks ten times a second at the gateway's resident memory and at what it counts of uploads. */
function watchMemory(mesh: Mesh) {
  const pid = mesh.pids().gateway!;
  const before = residentBytes(pid);
  let most = before;
  let uploads = 0;
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      most = Math.max(most, residentBytes(pid));
      uploads = Math.max(uploads, await uploadBytes(mesh));
      await pause(100);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return { grew: most - before, uploadBytes: uploads };
    },
  };
}

const residentBytes = (pid: number) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;

async function uploadBytes(mesh: Mesh): Promise<number> {
  const answer = await request(`${mesh.urls.gateway}/metrics`);
  return Number(/^recado_upload_bytes\S* (\d+)/m.exec(await answer.body.text())?.[1] ?? Number.NaN);
}

const count = (statuses: Record<number, number>, status: number) => {
  statuses[status] = (statuses[status] ?? 0) + 1;
};

import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createSandboxControl } from '@recado/sandbox';
import { Agent, request } from 'undici';
import { signedTextWebhook } from '../../bench/meta-webhook.ts';
import { type Mesh, startMesh } from '../../infra/local/mesh.ts';
import { until } from '../support/api.ts';
import { createTenant, type TestTenant } from '../support/tenant.ts';

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
  /** Answers to the flood by status; 0 is none yet, or a connection that was cut. */
  statuses: Record<number, number>;
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

const MEGABYTE = 1024 * 1024;
const FLOOD_MS = 6000;
const GOOD_PER_SECOND = 20;
const NUMBERS = 12_500;

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
    const underFlood = async (flood: (until: number) => Promise<Flood['statuses']>): Promise<Flood> => {
      const memory = watchMemory(mesh);
      const [good, statuses] = await Promise.all([sendGood(mesh, tenant, FLOOD_MS), flood(Date.now() + FLOOD_MS)]);
      return { good, statuses, ...(await memory.stop()) };
    };
    return {
      mesh,
      alone: () => sendGood(mesh, tenant, FLOOD_MS),
      slowUploads: (count, addresses) => underFlood((end) => uploadSlowly(mesh, tenant, count, addresses, end)),
      unsigned: (atOnce) => underFlood((end) => postUnsigned(mesh, atOnce, end)),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
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

async function uploadSlowly(mesh: Mesh, tenant: TestTenant, uploads: number, addresses: number, end: number) {
  const { port } = new URL(mesh.urls.gateway);
  const head =
    `POST /v1/webhooks/whatsapp/meta/${tenant.channelId} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
    `x-hub-signature-256: sha256=${'a'.repeat(64)}\r\ncontent-length: ${MEGABYTE}\r\n\r\n`;
  const body = Buffer.alloc(MEGABYTE - 1024, 32);
  const answers: string[] = Array.from({ length: uploads }, () => '');
  const sockets = answers.map((_, i) => {
    const socket = net.connect({ host: '127.0.0.1', port: Number(port), localAddress: `127.0.9.${(i % addresses) + 1}` });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      answers[i] += chunk.toString('latin1');
    });
    socket.write(head);
    socket.write(body);
    return socket;
  });
  while (Date.now() < end) {
    await pause(200);
    for (const socket of sockets) if (socket.writable) socket.write(' ');
  }
  const statuses: Flood['statuses'] = {};
  for (const answer of answers) count(statuses, Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0));
  for (const socket of sockets) socket.destroy();
  await until('no upload to be left', async () => ((await uploadBytes(mesh)) === 0 ? true : null), 30_000);
  return statuses;
}

async function postUnsigned(mesh: Mesh, atOnce: number, end: number) {
  const url = new URL('/v1/webhooks/whatsapp', mesh.urls.gateway);
  const statuses: Flood['statuses'] = {};
  const dispatcher = new Agent({ connections: atOnce, connect: { localAddress: '127.0.9.1' } });
  const one = async (sender: number) => {
    for (let n = 0; Date.now() < end; n++) count(statuses, await post(url, manyNumbers(sender, n), {}, dispatcher));
  };
  await Promise.all(Array.from({ length: atOnce }, (_, sender) => one(sender)));
  await dispatcher.close();
  return statuses;
}

/** About a megabyte: a webhook of 12,500 numbers that no other body names. */
function manyNumbers(sender: number, n: number): Buffer {
  const entry = Array.from({ length: NUMBERS }, (_, i) => ({
    changes: [{ value: { metadata: { phone_number_id: `${sender}${n}0${i}` }, statuses: [] } }],
  }));
  return Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
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

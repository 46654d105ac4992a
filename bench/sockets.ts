import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Mesh } from '../infra/local/mesh.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { startInbound } from '../tests/system/faults/drivers.ts';
import { quantiles } from './load.ts';
import type { Figure } from './report.ts';

/** Handshakes at the same time. */
const AT_ONCE = 100;

interface Screens {
  /** Milliseconds from a webhook's POST to each screen that showed its message. */
  delays: number[];
  /** Frames that came, of any event. */
  frames: number;
  close(): void;
}

interface SocketsLoad {
  tenants: readonly TestTenant[];
  sockets: number;
  /** Frames a second that shall reach all sockets together. */
  framesPerSecond: number;
  seconds: number;
}

/** Many screens on one gateway, each shown its own company's new messages. */
export async function benchSockets(mesh: Mesh, load: SocketsLoad): Promise<Figure[]> {
  const { tenants, sockets, framesPerSecond, seconds } = load;
  const sentAt = new Map<string, number>();
  const before = residentMb(mesh);
  const screens = await open(mesh, tenants, sockets, sentAt);
  const idle = residentMb(mesh);
  // A new message is two frames: the message, and its conversation.
  const messages = Math.max(1, Math.round(framesPerSecond / 2 / (sockets / tenants.length)));
  const companies = tenants.slice(0, messages);
  const inbound = companies.map((tenant) =>
    startInbound(mesh.urls.gateway, tenant, messages / companies.length, 50, (id) => sentAt.set(id, performance.now())),
  );
  await pause(2_000);
  screens.delays.length = 0;
  screens.frames = 0;
  const started = performance.now();
  await pause(seconds * 1000);
  const shown = screens.frames / ((performance.now() - started) / 1000);
  await Promise.all(inbound.map((one) => one.stop()));
  await pause(1_000);
  const { p50, p99 } = quantiles(screens.delays);
  screens.close();
  return [
    {
      name: `webhook to ${sockets} sockets`,
      value: `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`,
      ceiling: `${shown.toFixed(0)} frames/s`,
      wanted: 'p99 < 250 ms',
      reached: p99 < 250 && shown >= framesPerSecond * 0.9,
    },
    {
      name: `memory of a gateway with ${sockets} idle sockets`,
      value: `${idle.toFixed(0)} MB`,
      ceiling: `${before.toFixed(0)} MB without`,
      wanted: 'under 500 MB for 10,000',
      reached: idle < 500,
    },
  ];
}

function residentMb(mesh: Mesh): number {
  const status = readFileSync(`/proc/${mesh.pids().gateway}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

function closeAll(sockets: readonly WebSocket[]): void {
  for (const socket of sockets) socket.close();
}

/** Connects sockets by Engine.IO's own frames, as 10,000 whole clients would need the machine. */
async function open(
  mesh: Mesh,
  tenants: readonly TestTenant[],
  count: number,
  sentAt: ReadonlyMap<string, number>,
): Promise<Screens> {
  const all: WebSocket[] = [];
  const screens: Screens = { delays: [], frames: 0, close: () => closeAll(all) };
  const url = `${mesh.urls.gateway.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const connect = (token: string) =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(url);
      all.push(socket);
      socket.onerror = () => reject(new Error('a socket could not connect'));
      socket.onmessage = ({ data }) => {
        const text = String(data);
        if (text === '2') socket.send('3');
        else if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token })}`);
        else if (text.startsWith('44')) reject(new Error(`a socket was refused: ${text}`));
        else if (text.startsWith('42["session:ready"')) resolve();
        else if (text.startsWith('42')) hear(text);
      };
    });
  const hear = (text: string) => {
    screens.frames++;
    if (!text.startsWith('42["message:new"')) return;
    const id = /"whatsappMessageId":"([^"]+)"/.exec(text)?.[1];
    const at = id === undefined ? undefined : sentAt.get(id);
    if (at !== undefined) screens.delays.push(performance.now() - at);
  };
  let next = 0;
  const worker = async () => {
    while (next < count) await connect(tenants[next++ % tenants.length]!.inbox);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return screens;
}

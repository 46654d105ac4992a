import type { Mesh } from '../infra/local/mesh.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { readMeshCpu } from './cpu.ts';
import { quantiles, requestBytes, runLoad } from './load.ts';
import type { Figure } from './report.ts';

/** Enough at once that requests share ticks, as they do when it matters. */
const CONNECTIONS = 8;
const ROUNDS = 3;
/** Milliseconds of the gateway's processor time. */
const WANTED_MS = 0.3;

/**
 * The processor time of a known caller: token, revocation and limits, with one Redis round trip.
 * Asks for an unknown path with and without a token, so no service is called.
 */
export async function benchEdge(mesh: Mesh, tenant: TestTenant, seconds: number): Promise<Figure> {
  const anonymous = () => measure(mesh, {}, seconds);
  const known = () => measure(mesh, { Authorization: `Bearer ${tenant.crm}` }, seconds);
  await measure(mesh, {}, 1);
  await measure(mesh, { Authorization: `Bearer ${tenant.crm}` }, 1);
  const [without, having] = [[] as Cost[], [] as Cost[]];
  // Interleaved, so that a drifting machine drifts under both.
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await anonymous());
    having.push(await known());
  }
  const p50 = (costs: Cost[], of: keyof Cost) => quantiles(costs.map((cost) => cost[of])).p50;
  const own = p50(having, 'gateway') - p50(without, 'gateway');
  const redis = p50(having, 'redis') - p50(without, 'redis');
  return {
    name: 'token, revocation and limits',
    value: `${own.toFixed(3)} ms of CPU`,
    ceiling: `${p50(without, 'gateway').toFixed(3)} ms without; Redis ${redis.toFixed(3)} ms`,
    wanted: `at most ${WANTED_MS} ms`,
    reached: own <= WANTED_MS,
  };
}

/** Milliseconds of processor time a request. */
interface Cost {
  gateway: number;
  redis: number;
}

async function measure({ urls, pids }: Mesh, headers: Record<string, string>, seconds: number): Promise<Cost> {
  const { hostname, port } = new URL(urls.gateway);
  const bytes = requestBytes('GET', '/v1/nothing', headers);
  const before = readMeshCpu(pids());
  const { answered, statuses } = await runLoad({
    host: hostname,
    port: Number(port),
    connections: CONNECTIONS,
    seconds,
    next: () => bytes,
  });
  const after = readMeshCpu(pids());
  if (Object.keys(statuses).join() !== '404') throw new Error(`The gateway answered ${JSON.stringify(statuses)}`);
  const of = (name: string) => {
    const [a, b] = [before.get(name), after.get(name)];
    if (!a || !b) throw new Error(`${name} is not a process of this mesh`);
    return (b.user + b.system - a.user - a.system) / answered;
  };
  return { gateway: of('gateway'), redis: of('redis') };
}

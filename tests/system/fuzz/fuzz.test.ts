import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededTenant, type SeededTenant } from '../seeded-tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';
import { dice } from './dice.ts';
import { honest, write } from './draft.ts';
import { fault } from './judge.ts';
import { type FuzzReport, plan, runFuzz } from './run.ts';
import { TARGETS } from './targets.ts';

// The short form of `npm run test:fuzz`.
const SEED = 42;
const REQUESTS = 3000;

let mesh: TestMesh;
let report: FuzzReport;

beforeAll(async () => {
  mesh = sharedTestMesh();
  report = await runFuzz(mesh, { seed: SEED, requests: REQUESTS });
});
afterAll(() => mesh?.stop());

describe('malformed requests', () => {
  it('are answered, none of them by a 5xx, every error in its edition’s shape', () => {
    expect(report.failures).toEqual([]);
    expect(report.sent).toBe(REQUESTS);
  });

  it('kill no process and leave no error in a log', () => {
    expect(mesh.complaints()).toEqual([]);
    expect(mesh.sameProcesses()).toBe(true);
  });

  it('leave no event that a consumer cannot handle', async () => {
    await pause(1000);
    expect(await mesh.failedEvents()).toEqual([]);
  });

  it('get past tokens and limits, most of them', () => {
    expect(report.withToken).toBeGreaterThan(REQUESTS / 3);
    expect(report.letIn / report.withToken).toBeGreaterThan(0.5);
    expect(report.byStatus['429'] ?? 0).toBeLessThan(REQUESTS / 100);
    // Some are honest, or the rest would prove that nothing works.
    expect(report.byStatus['200'] ?? 0).toBeGreaterThan(REQUESTS / 10);
    expect(report.byTarget.size).toBeGreaterThan(100);
  });
});

describe('the run itself', () => {
  it('is the same for the same seed', async () => {
    const seededTenant = await createSeededTenant(mesh);
    const { secrets } = mesh;
    const said = (seed: number) =>
      Array.from({ length: 200 }, (_, i) => plan(seed, i, seededTenant, secrets).mutations);
    expect(said(7)).toEqual(said(7));
    expect(said(8)).not.toEqual(said(7));
    judges(seededTenant);
  });

  /** What it would say of answers that no request got. */
  function judges(seededTenant: SeededTenant): void {
    const { secrets } = mesh;
    const target = TARGETS[0]![1].find(({ path }) => path === '/v1/chats')!;
    const draft = honest(target, seededTenant, secrets, dice(1));
    const answer = (status: number, body: string) => ({ status, headers: {}, body, end: 'answered' as const });
    expect(write(draft).bytes.toString()).toMatch(/^GET \/v1\/chats/);
    expect(fault(draft, answer(200, ''))).toBeNull();
    expect(fault(draft, answer(404, '{"error":{"code":"X","message":"x"}}'))).toBeNull();
    expect(fault(draft, answer(404, '{"detail":"x"}'))).toMatch(/shape/);
    expect(fault(draft, answer(400, 'Bad Request'))).toMatch(/no JSON/);
    expect(fault(draft, answer(500, '{"error":{"code":"X","message":"x"}}'))).toBe('500');
    expect(fault(draft, answer(400, '{"error":{"code":"X","message":"TypeError: x"}}'))).toMatch(/insides/);
    expect(fault(draft, { ...answer(0, ''), end: 'silent' })).toBe('no answer');
    expect(fault(draft, { ...answer(0, ''), end: 'closed' })).toMatch(/closed/);
  }
});

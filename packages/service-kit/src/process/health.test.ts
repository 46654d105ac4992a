import { describe, expect, it } from 'vitest';
import { acceptingChecks, checkReadiness, shareCheck } from './health.ts';

const deferred = () => Promise.withResolvers<void>();

describe('shareCheck', () => {
  it('gives all callers during a check its one outcome, also after a probe gave up', async () => {
    const slow = deferred();
    let runs = 0;
    const check = shareCheck(() => {
      runs++;
      return slow.promise;
    }, 0);
    // Two probes give up: the server needs longer than they wait.
    for (let probe = 0; probe < 2; probe++) {
      const page = await checkReadiness({ store: check }, 5);
      expect(page.checks.store).toMatchObject({ ok: false, error: 'no answer within 5 ms' });
    }
    const third = checkReadiness({ store: check });
    slow.resolve();
    expect((await third).status).toBe('ok');
    expect(runs).toBe(1);
  });

  it('keeps an outcome for a while, and runs again afterwards', async () => {
    let runs = 0;
    const kept = shareCheck(async () => void runs++, 60_000);
    await kept();
    await kept();
    expect(runs).toBe(1);
    const fresh = shareCheck(async () => void runs++, 0);
    await fresh();
    await fresh();
    expect(runs).toBe(3);
  });

  it('begins again when a check takes too long', async () => {
    const outcomes = [new Promise<void>(() => {}), Promise.resolve()];
    const check = shareCheck(() => outcomes.shift()!, 1000, 0);
    void check();
    await check();
    expect(outcomes).toEqual([]);
  });

  it('does not let a check that was given up decide how long the next outcome holds', async () => {
    const late = deferred();
    let runs = 0;
    const check = shareCheck(() => (runs++ === 0 ? late.promise : Promise.resolve()), 60_000, 0);
    const first = check();
    await check();
    late.reject(new Error('too late'));
    await expect(first).rejects.toThrow('too late');
    await check();
    expect(runs).toBe(2);
  });
});

describe('checkReadiness', () => {
  it('names the code or the class of an error, and never its message', async () => {
    class TimeoutError extends Error {
      override name = 'TimeoutError';
    }
    const fail = (error: unknown) => async () => Promise.reject(error);
    const { status, checks } = await checkReadiness({
      coded: fail(Object.assign(new Error('host db.internal, user root'), { code: 'ECONNREFUSED' })),
      classed: fail(new TimeoutError('host db.internal')),
      plain: fail(new Error('host db.internal')),
    });
    expect(status).toBe('unavailable');
    expect(checks).toMatchObject({
      coded: { error: 'ECONNREFUSED' },
      classed: { error: 'TimeoutError' },
      plain: { error: 'failed' },
    });
  });

  it('decides by the database alone whether a balancer may send requests to a service', () => {
    const check = async () => undefined;
    expect(Object.keys(acceptingChecks({ postgres: check, nats: check, redis: check, jetstream: check }))).toEqual([
      'postgres',
    ]);
  });
});

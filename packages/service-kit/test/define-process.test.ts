import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Closing } from '../src/process/closing.ts';
import { defineProcess } from '../src/process/define-process.ts';

const config = { HOST: '127.0.0.1', PORT: 0, LOG_LEVEL: 'silent', LOG_FORMAT: 'json' } as const;

/** Adds a step to stages, in an order that is not theirs, and notes each that runs. */
function addSteps(closing: Closing, stopped: string[]): void {
  for (const stage of ['pools', 'last', 'relay', 'afterConsumers', 'consumers', 'afterHttp', 'beforeHttp'] as const) {
    closing[stage](stage, () => stopped.push(stage));
  }
}

describe('a process', () => {
  it('stops its parts in the order of the stages, with HTTP in its place', async () => {
    const stopped: string[] = [];
    const start = defineProcess('gateway', (_base, closing) => {
      addSteps(closing, stopped);
      const app = fastify();
      app.addHook('onClose', async () => void stopped.push('http'));
      app.get('/', async () => 'here');
      return { deps: {}, app };
    });
    const { url, stop } = await start(config);
    expect(await (await fetch(url)).text()).toBe('here');
    await stop();
    expect(stopped).toEqual([
      'beforeHttp',
      'http',
      'afterHttp',
      'consumers',
      'afterConsumers',
      'relay',
      'last',
      'pools',
    ]);
  });

  it('whose start fails stops the parts that had started', async () => {
    const stopped: string[] = [];
    const start = defineProcess('gateway', (_base, closing) => {
      closing.pools('postgres', () => stopped.push('postgres'));
      closing.relay('nats', () => stopped.push('nats'));
      throw new Error('no Redis');
    });
    await expect(start(config)).rejects.toThrow('no Redis');
    expect(stopped).toEqual(['nats', 'postgres']);
  });
});

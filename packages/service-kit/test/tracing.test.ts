import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { continueTraceparent, createClient, startTraceparent, startTracing, traceId } from '../src/index.ts';
import { currentTracing } from '../src/observe/tracing.ts';
import { auth, buildThings, caller, thingsApi, tokensOf } from './helpers.ts';

test('a trace is continued when well formed, else started', () => {
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect(continueTraceparent(good)).toBe(good);
  const zero = `00-${'0'.repeat(32)}-b7ad6b7169203331-01`;
  for (const bad of [undefined, '', zero, `${good}x`, good.toUpperCase(), ['a']]) {
    expect(continueTraceparent(bad)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
  expect(new Set(Array.from({ length: 1000 }, startTraceparent)).size).toBe(1000);
  expect(traceId(good)).toBe('0af7651916cd43dd8448eb211c80319c');
});

test('without an endpoint nothing is started; with one, spans of a request and of what it calls share the trace and are exported', async () => {
  await (await startTracing('things', ''))();
  expect(currentTracing()).toBeUndefined();

  const exported: string[] = [];
  const collector = createServer((request, response) => {
    request.resume().on('end', () => {
      exported.push(request.url!);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  // The exporter reads the variable itself.
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const stop = await startTracing('things', endpoint);
  const app = buildThings({}, () => client.getThing({ params: { id: 'a' } }, { caller }));
  const seen: string[] = [];
  app.addHook('onRequest', async (request) => void seen.push(request.traceparent));
  const client = createClient(thingsApi, {
    name: 'things',
    baseUrl: await app.listen({ port: 0 }),
    tokens: tokensOf('gateway'),
  });
  const traceparent = startTraceparent();
  const response = await app.inject({ method: 'POST', url: '/things/a/touch', headers: { ...auth(), traceparent } });
  expect(response.statusCode).toBe(204);
  expect(seen.map(traceId)).toEqual([traceId(traceparent), traceId(traceparent)]);
  expect(new Set([traceparent, ...seen]).size).toBe(3);
  await client.close();
  await app.close();
  await stop();
  expect(exported).toContain('/v1/traces');
  collector.close();
});

import { createRegistry } from '@recado/service-kit';
import { expect, it } from 'vitest';
import { measurePlaces } from './pool-metrics.ts';

it('the metrics of a pool tell what waits and what was refused so far, however often they are read', async () => {
  const registry = createRegistry('conversation');
  const stats = { waiting: 3, refused: { tenant: 2, pool: 1 } };
  measurePlaces(registry, { places: { take: async () => () => {}, stats: () => stats } });
  await registry.metrics();
  stats.refused.tenant = 5;
  const text = await registry.metrics();
  expect(text).toContain('recado_database_waiting{service="conversation"} 3');
  expect(text).toContain('recado_database_refused_total{scope="tenant",service="conversation"} 5');
  expect(text).toContain('recado_database_refused_total{scope="pool",service="conversation"} 1');
});

import type { Database } from '@recado/database';
import { Counter, Gauge, type Registry } from '@recado/service-kit';

/** What waits for a connection of the pool that serves requests, and what was refused one. */
export function measurePlaces(registry: Registry, { places }: Pick<Database, 'places'>): void {
  const registers = [registry];
  new Gauge({
    name: 'recado_database_waiting',
    help: 'Transactions of requests that wait for a connection',
    registers,
    collect() {
      this.set(places.stats().waiting);
    },
  });
  new Counter({
    name: 'recado_database_refused_total',
    help: 'Transactions without a connection in time: their tenant has its share, or the pool is full',
    labelNames: ['scope'],
    registers,
    collect() {
      this.reset();
      for (const [scope, count] of Object.entries(places.stats().refused)) this.inc({ scope }, count);
    },
  });
}

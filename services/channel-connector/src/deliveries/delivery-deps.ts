import type { Deps } from '../deps.ts';

/** What runs deliveries needs. */
export type DeliveryDeps = Pick<Deps, 'workerDb' | 'sealer' | 'metrics' | 'now' | 'log'>;

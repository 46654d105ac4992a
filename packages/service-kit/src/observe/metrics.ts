import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry };

/**
 * Node's metrics are the process's: their timers and observers exist once, however many apps run in
 * it.
 */
let ofProcess: Registry | null = null;

/** A registry with Node's own metrics, everything labelled with the service's name. */
export function createRegistry(name: string): Registry {
  if (!ofProcess) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  const registry = new Registry();
  registry.setDefaultLabels({ service: name });
  for (const { name: metric } of ofProcess.getMetricsAsArray()) {
    const found = ofProcess.getSingleMetric(metric);
    if (found) registry.registerMetric(found);
  }
  return registry;
}

export type ObserveRequest = (method: string, route: string, status: number, seconds: number) => void;

/**
 * The histogram of answered requests, by method, route pattern (never the path: ids would make
 * endless series) and status.
 */
export function httpHistogram(registry: Registry): ObserveRequest {
  const histogram = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return (method, route, status, seconds) => histogram.observe({ method, route, status }, seconds);
}

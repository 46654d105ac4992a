import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(registry: Registry) {
  const registers = [registry];
  const labelNames = ['job'] as const;
  return {
    ended: new Counter({
      name: 'recado_jobs_ended_total',
      help: 'Claims that ended in this process: done, retried, postponed, released, dead or lost',
      labelNames: ['job', 'result'] as const,
      registers,
    }),
    seconds: new Histogram({
      name: 'recado_job_seconds',
      help: 'Time of one try',
      labelNames,
      buckets: [0.005, 0.02, 0.1, 0.5, 1, 5, 20, 60, 300],
      registers,
    }),
    running: new Gauge({ name: 'recado_jobs_running', help: 'Jobs that this process runs', labelNames, registers }),
    queued: new Gauge({ name: 'recado_jobs_queued', help: 'Jobs that wait for a place', labelNames, registers }),
    oldest: new Gauge({
      name: 'recado_jobs_oldest_seconds',
      help: 'How long the first of them has waited',
      labelNames,
      registers,
    }),
    dead: new Gauge({ name: 'recado_jobs_dead', help: 'Jobs given up, for a replay', labelNames, registers }),
  };
}

export { migrateAll, type RolePasswords, roleUrl, SERVICE_SCHEMAS, type StatefulService } from './migrate-all.ts';
export { natsConfig, planNats } from './nats.ts';
export { type FoundNats, findNatsReleases, NATS_RELEASES, type NatsRelease } from './nats-versions.ts';
export { type PlanOptions, type ServerName, type ServerPlan, ServerUnavailable, waitUntilReady } from './plan.ts';
export { freePort, freePorts, portTaken } from './ports.ts';
export { ADMIN_DATABASE, planPostgres } from './postgres.ts';
export { hasEnded, killGroup, type ProcessSpec, removeAtEnd, spawnProcess, stopProcess } from './process.ts';
export { planRedis, redisConfig } from './redis.ts';
export { startTestServers, type TestServers } from './start.ts';

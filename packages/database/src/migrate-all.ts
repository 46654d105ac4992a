import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from './migrate.ts';

/** The services that own a schema, and its name. The gateway keeps nothing durable. */
export const SERVICE_SCHEMAS = {
  identity: 'identity',
  'channel-connector': 'channel_connector',
  conversation: 'conversation',
  'ai-responder': 'ai_responder',
  scheduler: 'scheduler',
  analytics: 'analytics',
} as const;

export type StatefulService = keyof typeof SERVICE_SCHEMAS;

/** Passwords of the two database roles of each service. */
export type RolePasswords = Record<StatefulService, { app: string; worker: string }>;

/**
 * Brings the schemas of all services up to date, one after the other, each under the advisory lock.
 * A service without a migrations folder is passed over.
 * @param adminUrl the role that owns the schemas; its database is the services'.
 * @param services the folder with `<service>/migrations` in it.
 * @returns the services that were migrated.
 */
export async function migrateAll(
  adminUrl: string,
  passwords: RolePasswords,
  services: string,
): Promise<StatefulService[]> {
  const done: StatefulService[] = [];
  for (const service of Object.keys(SERVICE_SCHEMAS) as StatefulService[]) {
    const migrationsFolder = join(services, service, 'migrations');
    if (!existsSync(join(migrationsFolder, 'meta', '_journal.json'))) continue;
    await migrate({
      adminUrl,
      service,
      schema: SERVICE_SCHEMAS[service],
      migrationsFolder,
      appPassword: passwords[service].app,
      workerPassword: passwords[service].worker,
    });
    done.push(service);
  }
  return done;
}

/**
 * The URL a service's role connects by: `app` sees one tenant per transaction, `worker` is for
 * consumers and relay.
 */
export function roleUrl(
  adminUrl: string,
  service: StatefulService,
  kind: 'app' | 'worker',
  passwords: RolePasswords,
): string {
  const url = new URL(adminUrl);
  url.username = `recado_${SERVICE_SCHEMAS[service]}_${kind}`;
  url.password = passwords[service][kind];
  return url.href;
}

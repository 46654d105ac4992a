import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startContainers } from './containers.ts';
import type { TestContext } from './context.ts';
import { migrateAll, type RolePasswords, SERVICE_SCHEMAS, type StatefulService } from './servers/migrate-all.ts';
import { startTestServers } from './servers/start.ts';

interface Started {
  context: TestContext;
  stop(): Promise<void>;
}

/**
 * The projects of one run share them. Each loads this file anew, so they are kept by the process.
 */
const kept = globalThis as { recadoTestServers?: { started: Promise<Started>; users: number } };

/**
 * Runs once per project: starts servers and makes a template database with all migrations. The
 * returned function runs at the end; after a kill the watchdog of servers/process.ts cleans up.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  kept.recadoTestServers ??= { started: start(), users: 0 };
  const shared = kept.recadoTestServers;
  shared.users++;
  const { context, stop } = await shared.started;
  project.provide('recado', context);
  return async () => {
    if (--shared.users > 0) return;
    delete kept.recadoTestServers;
    await stop();
  };
}

async function start(): Promise<Started> {
  const started = performance.now();
  const servers = (await startContainers()) ?? (await startTestServers());
  try {
    // A cluster that was given may be in use by another run: the template's name is ours alone.
    const template = `recado_template_${randomBytes(4).toString('hex')}`;
    const passwords = newPasswords();
    const admin = postgres(servers.postgresUrl, { max: 1, onnotice: () => undefined });
    await admin`create database ${admin(template)}`;
    const templateUrl = new URL(servers.postgresUrl);
    templateUrl.pathname = `/${template}`;
    const migrated = await migrateAll(templateUrl.href, passwords);
    await admin.end();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`Servers: ${servers.chose.join('; ')}. Migrated: ${migrated.join(', ') || 'nothing'}. ${seconds} s\n`);
    const { postgresUrl, natsUrl, natsAccounts, redisUrl } = servers;
    return {
      context: { postgresUrl, template, passwords, natsUrl, natsAccounts, redisUrl },
      async stop() {
        if (process.env.RECADO_TEST_DATABASE_URL) await dropOurDatabases(postgresUrl, template);
        await servers.stop();
      },
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

function newPasswords(): RolePasswords {
  const fresh = () => ({ app: randomBytes(9).toString('hex'), worker: randomBytes(9).toString('hex') });
  const services = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
  return Object.fromEntries(services.map((service) => [service, fresh()])) as RolePasswords;
}

/** On a cluster that stays, the template and copies that test files did not drop go. */
async function dropOurDatabases(url: string, template: string): Promise<void> {
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  const rows = await admin<{ datname: string }[]>`
    select datname from pg_database where starts_with(datname, ${template})`;
  for (const { datname } of rows) await admin`drop database if exists ${admin(datname)} with (force)`;
  await admin.end();
}

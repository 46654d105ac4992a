// Brings every service's schema up to date on a given database; for containers and anyone who runs Recado without `npm start`:
//   DATABASE_URL=postgres://owner:…@host/recado RECADO_DATABASE_ROLE_PASSWORD=… node dist/migrate/main.mjs
import { join } from 'node:path';
import { migrateAll, type RolePasswords, SERVICE_SCHEMAS, type StatefulService } from '@recado/testkit/migrate';

const { DATABASE_URL, RECADO_DATABASE_ROLE_PASSWORD: password } = process.env;
if (!DATABASE_URL || !password) {
  console.error('migrate needs DATABASE_URL (the role that owns the schemas) and RECADO_DATABASE_ROLE_PASSWORD');
  process.exit(1);
}
const services = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
const passwords = Object.fromEntries(
  services.map((one) => [one, { app: password, worker: password }]),
) as RolePasswords;
const done = await migrateAll(DATABASE_URL, passwords, join(process.cwd(), 'services'));
console.log(`Migrated: ${done.join(', ')}`);

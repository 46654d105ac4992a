import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateAll as migrateServices, type RolePasswords, type StatefulService } from '@recado/database';

export { type RolePasswords, roleUrl, SERVICE_SCHEMAS, type StatefulService } from '@recado/database';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** `migrateAll` of @recado/database on the checkout's own services. */
export const migrateAll = (
  adminUrl: string,
  passwords: RolePasswords,
  services = join(ROOT, 'services'),
): Promise<StatefulService[]> => migrateServices(adminUrl, passwords, services);

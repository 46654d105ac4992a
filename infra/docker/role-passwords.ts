import { type RolePasswords, SERVICE_SCHEMAS, type StatefulService } from '@recado/database';

const KINDS = ['app', 'worker'] as const;

/** `RECADO_DATABASE_PASSWORD_CHANNEL_CONNECTOR_APP` */
const ownVariable = (service: StatefulService, kind: (typeof KINDS)[number]): string =>
  `RECADO_DATABASE_PASSWORD_${SERVICE_SCHEMAS[service]}_${kind}`.toUpperCase();

/**
 * The passwords the services' roles shall have: each role's own variable, else
 * `RECADO_DATABASE_ROLE_PASSWORD`.
 * @throws Error naming every variable that is missing.
 */
export function rolePasswords(env: Record<string, string | undefined>): RolePasswords {
  const missing: string[] = [];
  const passwordOf = (service: StatefulService, kind: (typeof KINDS)[number]): string => {
    const password = env[ownVariable(service, kind)] || env.RECADO_DATABASE_ROLE_PASSWORD;
    if (!password) missing.push(ownVariable(service, kind));
    return password ?? '';
  };
  const services = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
  const passwords = Object.fromEntries(
    services.map((one) => [one, { app: passwordOf(one, 'app'), worker: passwordOf(one, 'worker') }]),
  ) as RolePasswords;
  if (missing.length > 0) throw new Error(`Set RECADO_DATABASE_ROLE_PASSWORD for all roles, or: ${missing.join(', ')}`);
  return passwords;
}

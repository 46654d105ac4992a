import { type Permissions, permissionsOf } from './permissions.ts';
import { NATS_USERS, type NatsUser } from './streams.ts';

/** Who reads one tenant's events from outside. */
export interface Integrator {
  /** Unique; the NATS user is `integrator-<name>`. */
  name: string;
  tenantId: string;
  password: string;
}

export const integratorUser = (name: string): string => `integrator-${name}`;

/**
 * The `accounts` of nats-server's configuration: services with their rights, and integrators in a
 * separate account with events alone, without JetStream.
 * @param passwordOf the password's text in the configuration: quoted, or a variable
 * @param integratorsFile included, relative to the configuration
 */
export function natsAccounts(passwordOf: (user: NatsUser) => string, integratorsFile: string): string {
  const users = NATS_USERS.map((user) => {
    const rights = user === 'operator' ? '' : `, permissions: ${rightsText(permissionsOf(user), '        ')}`;
    return `      { user: "${user}", password: ${passwordOf(user)}${rights} }`;
  });
  return `accounts {
  RECADO {
    jetstream: enabled
    users: [
${users.join('\n')}
    ]
    exports: [{ stream: "recado.*.*.>", accounts: [INTEGRATORS] }]
  }
  INTEGRATORS {
    imports: [{ stream: { account: RECADO, subject: "recado.*.*.>" } }]
    include ${JSON.stringify(integratorsFile)}
  }
}
`;
}

/** The file that natsAccounts() includes. */
export function integratorsConfig(integrators: readonly Integrator[]): string {
  const users = integrators.map((integrator) => {
    const { name, tenantId, password } = integrator;
    const rights = { publish: [], subscribe: [`recado.*.${tenantId}.>`] };
    // The line that npm run integrators reads again.
    return `  # ${JSON.stringify(integrator)}
  { user: "${integratorUser(name)}", password: ${JSON.stringify(password)}, permissions: ${rightsText(rights, '    ')} }`;
  });
  return `# Written by npm run integrators.\nusers: [\n${users.join('\n')}\n]\n`;
}

function rightsText({ publish, subscribe }: Permissions, indent: string): string {
  const side = (name: string, subjects: string[]) =>
    subjects.length === 0
      ? `${indent}${name}: { deny: [">"] }`
      : `${indent}${name}: { allow: [\n${subjects.map((one) => `${indent}  ${JSON.stringify(one)}`).join('\n')}\n${indent}] }`;
  return `{\n${side('publish', publish)}\n${side('subscribe', subscribe)}\n${indent.slice(2)}}`;
}

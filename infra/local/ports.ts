import { SERVICES, type ServiceName } from '@recado/contracts';
import { freePorts, portTaken, type ServerName } from '@recado/testkit/servers';

/** Everything of a local mesh that listens. */
export type Listener = ServiceName | 'sandbox' | 'mail' | ServerName;
export type Ports = Record<Listener, number>;

/**
 * The ports of `npm start`. Servers avoid their usual ports, which the system's own may hold. All
 * are below 32768, where the system does not pick ports for outgoing connections.
 */
export const DEFAULT_PORTS: Ports = {
  gateway: 3000,
  identity: 3101,
  'channel-connector': 3102,
  conversation: 3103,
  'ai-responder': 3104,
  scheduler: 3105,
  analytics: 3106,
  sandbox: 3190,
  /** SMTP, of the sandbox. */
  mail: 3191,
  postgres: 5442,
  nats: 4242,
  redis: 6389,
};

/** `RECADO_CHANNEL_CONNECTOR_PORT` */
export const portVariable = (name: Listener): string => `RECADO_${name.replaceAll('-', '_').toUpperCase()}_PORT`;

/**
 * The ports of `npm start`, with what the environment sets instead.
 * @throws Error naming a variable that is no port.
 */
export function portsFrom(env: NodeJS.ProcessEnv): Ports {
  const ports = { ...DEFAULT_PORTS };
  for (const name of Object.keys(ports) as Listener[]) {
    const given = env[portVariable(name)];
    if (!given) continue;
    const port = Number(given);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`${portVariable(name)} is no port: ${given}`);
    ports[name] = port;
  }
  return ports;
}

/** Free ports, for a mesh beside others. */
export async function randomPorts(): Promise<Ports> {
  const names: Listener[] = [...SERVICES, 'sandbox', 'mail', 'postgres', 'nats', 'redis'];
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((name, i) => [name, free[i]])) as Ports;
}

/**
 * Makes sure that every port is free.
 * @param skip those that will not be used, because a server was given by URL.
 * @throws Error with one line for each taken port and the setting that changes it.
 */
export async function assertPortsFree(ports: Ports, skip: Listener[] = []): Promise<void> {
  const names = (Object.keys(ports) as Listener[]).filter((name) => !skip.includes(name));
  const taken = await Promise.all(names.map((name) => portTaken(ports[name])));
  const lines = names
    .filter((_, i) => taken[i])
    .map((name) => `  ${ports[name]} (${name}): choose another by ${portVariable(name)}=<port> npm start`);
  if (lines.length > 0)
    throw new Error(`${lines.length > 1 ? 'Ports are' : 'A port is'} taken already:\n${lines.join('\n')}`);
}

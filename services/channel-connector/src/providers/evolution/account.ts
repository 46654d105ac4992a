import { z } from 'zod';
import { newSecret, numberOf, type OwnServer, openServer, type ServerHost, serverUrl } from '../own-server.ts';
import type { Credentials } from '../provider.ts';

/** What a tenant gives to connect an instance of its own server. */
export const evolutionCredentials = (allowPrivate: boolean) =>
  z
    .strictObject({
      serverUrl: serverUrl(allowPrivate),
      instanceName: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[^\s/?#@]+$/),
      /** The server's key, which makes a missing instance, or the instance's token. */
      apiKey: z.string().min(1).max(1024),
      /** Part of the webhook's URL: events are not signed. */
      webhookSecret: z.string().min(16).max(256).default(newSecret),
    })
    .transform((given) => ({ providerId: numberOf(given.instanceName, given.serverUrl), secrets: given }));

const kept = z.object({
  serverUrl: z.string(),
  instanceName: z.string(),
  apiKey: z.string(),
  webhookSecret: z.string(),
  /** On the installation's own server. */
  hosted: z.boolean().default(false),
  /** Recado made the instance, and deletes it with its number. */
  made: z.boolean().default(false),
});
type Kept = z.input<typeof kept>;

/** An instance's secrets, ready to use. */
export interface EvolutionAccount {
  server: OwnServer;
  instanceName: string;
  apiKey: string;
  webhookSecret: string;
  made: boolean;
  kept: Kept;
}

export function openAccount(secrets: unknown, host: ServerHost | null): EvolutionAccount {
  const read = kept.parse(secrets);
  const { serverUrl: url, hosted, ...rest } = read;
  return { server: openServer(url, hosted ? host : null), ...rest, kept: read };
}

/** An instance on the installation's own server, with a token of its own. */
export function hostAccount(name: string, host: ServerHost): Credentials {
  const given = { serverUrl: host.url, instanceName: name, apiKey: newSecret(), webhookSecret: newSecret() };
  const secrets: Kept = { ...given, hosted: true };
  return { providerId: numberOf(name, host.url), secrets };
}

/** What a tenant gave, without our own notes. */
export function givenOf(secrets: object): object {
  const { hosted: _, made: __, ...given } = secrets as Kept;
  return given;
}

/** Our own notes. */
export function notesOf(secrets: object): object {
  const { hosted, made } = kept.parse(secrets);
  return { hosted, made };
}

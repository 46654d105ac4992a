import { z } from 'zod';
import { numberOf, type OwnServer, openServer, serverUrl } from '../own-server.ts';

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
      /** The server's key or the instance's token. */
      apiKey: z.string().min(1).max(1024),
      /** Part of the webhook's URL: events are not signed. */
      webhookSecret: z.string().min(16).max(256),
    })
    .transform((given) => ({ providerId: numberOf(given.instanceName, given.serverUrl), secrets: given }));

const kept = z.object({
  serverUrl: z.string(),
  instanceName: z.string(),
  apiKey: z.string(),
  webhookSecret: z.string(),
});

/** An instance's secrets, ready to use. */
export interface EvolutionAccount {
  server: OwnServer;
  instanceName: string;
  apiKey: string;
  webhookSecret: string;
}

export function openAccount(secrets: unknown): EvolutionAccount {
  const { serverUrl: url, ...rest } = kept.parse(secrets);
  return { server: openServer(url), ...rest };
}

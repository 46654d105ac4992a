import { z } from 'zod';
import { numberOf, type OwnServer, openServer, serverUrl } from '../own-server.ts';

/** What a tenant gives to connect a session of its own server. */
export const wppconnectCredentials = (allowPrivate: boolean) =>
  z
    .strictObject({
      serverUrl: serverUrl(allowPrivate),
      sessionName: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[^\s/?#@:]+$/),
      /** The session's token, from `generate-token`. */
      token: z.string().min(1).max(1024),
      /** Part of the webhook's URL: events are not signed. */
      webhookSecret: z.string().min(16).max(256),
    })
    .transform((given) => ({ providerId: numberOf(given.sessionName, given.serverUrl), secrets: given }));

const kept = z.object({
  serverUrl: z.string(),
  sessionName: z.string(),
  token: z.string(),
  webhookSecret: z.string(),
});

/** A session's secrets, ready to use. */
export interface WppconnectAccount {
  server: OwnServer;
  sessionName: string;
  token: string;
  webhookSecret: string;
}

export function openAccount(secrets: unknown): WppconnectAccount {
  const { serverUrl: url, ...rest } = kept.parse(secrets);
  return { server: openServer(url), ...rest };
}

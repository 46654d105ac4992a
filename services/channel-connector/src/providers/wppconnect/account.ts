import { z } from 'zod';
import { newSecret, numberOf, type OwnServer, openServer, type ServerHost, serverUrl } from '../own-server.ts';
import type { Credentials } from '../provider.ts';

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
      /** The session's token, or the server's secret key, which makes one. */
      apiKey: z.string().min(1).max(1024).optional(),
      /** As before `apiKey`. */
      token: z.string().min(1).max(1024).optional(),
      /** Part of the webhook's URL: events are not signed. */
      webhookSecret: z.string().min(16).max(256).default(newSecret),
    })
    .refine(({ apiKey, token }) => apiKey !== undefined || token !== undefined, {
      path: ['apiKey'],
      message: 'The key of the server or the token of the session is required',
    })
    .transform(({ apiKey, token, ...given }) => {
      const secrets: Kept =
        apiKey === undefined || isToken(apiKey) ? { ...given, token: apiKey ?? token } : { ...given, apiKey };
      return { providerId: numberOf(given.sessionName, given.serverUrl), secrets };
    });

/** Tokens are bcrypt hashes; some characters are replaced for URLs. */
const isToken = (key: string): boolean => /^\$2[aby]\$\d\d\$/.test(key);

const kept = z.object({
  serverUrl: z.string(),
  sessionName: z.string(),
  token: z.string().optional(),
  /** The server's secret key. */
  apiKey: z.string().optional(),
  webhookSecret: z.string(),
  /** On the installation's own server. */
  hosted: z.boolean().default(false),
  /** Recado started the session: it posts to our webhook. */
  started: z.boolean().default(false),
});
type Kept = z.input<typeof kept>;

/** A session's secrets, ready to use. */
export interface WppconnectAccount {
  server: OwnServer;
  sessionName: string;
  /** Empty until `generate-token` gave one. */
  token: string;
  secretKey: string | null;
  webhookSecret: string;
  started: boolean;
  kept: Kept;
}

export function openAccount(secrets: unknown, host: ServerHost | null): WppconnectAccount {
  const read = kept.parse(secrets);
  const { serverUrl: url, hosted, token = '', apiKey, sessionName, webhookSecret, started } = read;
  const server = openServer(url, hosted ? host : null);
  const secretKey = server.host?.key ?? apiKey ?? null;
  return { server, sessionName, token, secretKey, webhookSecret, started, kept: read };
}

/** A session on the installation's own server; its secret key stays with the operator. */
export function hostAccount(name: string, host: ServerHost): Credentials {
  const secrets: Kept = { serverUrl: host.url, sessionName: name, webhookSecret: newSecret(), hosted: true };
  return { providerId: numberOf(name, host.url), secrets };
}

/** What a tenant gave, without our own notes. A new key makes the old token void. */
export function givenOf(secrets: object): object {
  const { hosted: _, started: __, token, apiKey, ...given } = secrets as Kept;
  return { ...given, ...(apiKey === undefined ? { token } : { apiKey }) };
}

/** Our own notes; not `started`, so that the session gets a webhook with the new secret. */
export const notesOf = (secrets: object): object => ({ hosted: kept.parse(secrets).hosted });

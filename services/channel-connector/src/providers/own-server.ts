import { randomBytes } from 'node:crypto';
import { assertPublicUrl } from '@recado/service-kit';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { cleanText, parseForeignJson } from '../webhooks/clean.ts';
import { type Call, type CallOutcome, callOnce } from './call.ts';

/** The address of a provider's server that a tenant runs itself, or the installation. */
export interface OwnServer {
  origin: string;
  /** Without a slash at its end; empty for the root. */
  prefix: string;
  /** The installation's own, when it is there. */
  host: ServerHost | null;
}

/** The installation's own server, for numbers of all tenants. */
export interface ServerHost {
  url: string;
  /** Makes instances, or tokens of sessions. */
  key: string;
  /** Private addresses are allowed: the operator named it. */
  dispatcher: Dispatcher;
}

/** What a driver of such servers is made with. */
export interface OwnServerOptions {
  /** The guarded one: tenants name their own servers. */
  dispatcher: Dispatcher;
  sendTimeoutMs: number;
  /** Development only: RECADO_ALLOW_PRIVATE_URLS. */
  allowPrivate: boolean;
  host: ServerHost | null;
}

/** The dispatcher for an account's server. */
export const dispatcherFor = (
  { dispatcher }: { dispatcher: Dispatcher },
  { server }: { server: OwnServer },
): Dispatcher => server.host?.dispatcher ?? dispatcher;

/** For a webhook's URL, or as an instance's token. */
export const newSecret = (): string => randomBytes(24).toString('base64url');

/** Such an address as a tenant gives it. Where it leads is checked here and at each connect. */
export const serverUrl = (allowPrivate: boolean) =>
  z
    .string()
    .max(500)
    .superRefine((url, context) => {
      try {
        const { search, hash } = assertPublicUrl(url, { allowPrivate });
        if (search || hash) context.addIssue({ code: 'custom', message: 'The URL must end with its path' });
      } catch {
        context.addIssue({ code: 'custom', message: 'The URL must lead to a public http(s) address' });
      }
    });

export function openServer(url: string, host: ServerHost | null = null): OwnServer {
  const { origin, pathname } = new URL(host?.url ?? url);
  return { origin, prefix: pathname.replace(/\/+$/, ''), host };
}

/** Milliseconds a question about a connection may take. */
const ASK_TIMEOUT_MS = 5000;

/** A complete answer, or why there is none. */
export type Answer = { status: number; body: unknown } | { failed: string };

/** A call about a connection, with its answer read as JSON. */
export async function askServer(
  dispatcher: Dispatcher,
  call: Omit<Call, 'timeoutMs' | 'body'> & { body?: object; timeoutMs?: number },
): Promise<Answer> {
  const { body, headers, ...rest } = call;
  const outcome = await callOnce(dispatcher, {
    timeoutMs: ASK_TIMEOUT_MS,
    ...rest,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (outcome.kind !== 'answered') return { failed: describeFailure(outcome) };
  return { status: outcome.status, body: readAnswer(outcome.body) };
}

/** `?secret=` of a webhook's path. */
export const withSecret = (path: string, secret: string): string => `${path}?secret=${encodeURIComponent(secret)}`;

/** A name is unique on its server alone: `shop@evolution.example.com/base`. */
export function numberOf(name: string, url: string): string {
  const { host, pathname } = new URL(url);
  return `${name}@${host}${pathname.replace(/\/+$/, '')}`;
}

/** The JSON of an answer; null when it is none. */
export function readAnswer(body: Uint8Array): unknown {
  try {
    return parseForeignJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return null;
  }
}

/** Why a call had no answer; the error's words name hosts, never headers or keys. */
export function describeFailure({ error }: Exclude<CallOutcome, { kind: 'answered' }>): string {
  const { code } = error as { code?: string };
  const text = code && !error.message.includes(code) ? `${code}: ${error.message}` : error.message;
  return cleanText(text || error.name, 300);
}

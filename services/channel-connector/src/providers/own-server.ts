import { assertPublicUrl } from '@recado/service-kit';
import { z } from 'zod';
import { cleanText, parseForeignJson } from '../webhooks/clean.ts';
import type { CallOutcome } from './call.ts';

/** The address of a provider's server that a tenant runs itself. */
export interface OwnServer {
  origin: string;
  /** Without a slash at its end; empty for the root. */
  prefix: string;
}

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

export function openServer(url: string): OwnServer {
  const { origin, pathname } = new URL(url);
  return { origin, prefix: pathname.replace(/\/+$/, '') };
}

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

import type { Readable } from 'node:stream';
import { type ContactImport, IMPORTS_PATH } from '@recado/contracts';
import { AppError, type InternalTokens, Unavailable } from '@recado/service-kit';
import { Pool } from 'undici';
import type { CallContext } from '../edge/call-context.ts';
import { postBytes } from '../files/post-bytes.ts';

/** Files of contacts, from clients to conversation, never whole in memory. */
export interface ImportsClient {
  /** @throws AppError as conversation answered; Unavailable */
  upload(source: Readable, about: { name: string; type: string }, call: CallContext): Promise<ContactImport>;
  close(): Promise<void>;
}

/** A file is read to its end before it is answered. */
const IDLE_MS = 120_000;

export function createImportsClient({ baseUrl, tokens }: { baseUrl: string; tokens: InternalTokens }): ImportsClient {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, { connections: 64, pipelining: 1, keepAliveTimeout: 20_000 });
  const route = { pool, service: 'conversation', prefix, path: IMPORTS_PATH, tokens, idleMs: IDLE_MS } as const;
  return {
    async upload(source, about, call) {
      try {
        return await postBytes<ContactImport>(route, source, about, call);
      } catch (error) {
        throw source.errored ?? (error instanceof AppError ? error : new Unavailable('conversation', error));
      }
    },
    close: () => pool.close(),
  };
}

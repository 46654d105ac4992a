import type { FileLimits } from '@recado/contracts';
import type { Dispatcher } from 'undici';
import { cleanId } from '../../webhooks/clean.ts';
import { callOnce } from '../call.ts';
import type { OutboundFile } from '../outbound-file.ts';
import type { Outcome } from '../outcome.ts';
import { streamFile } from '../streamed-body.ts';
import type { TemplateExamples } from '../templates.ts';
import type { MetaAccount } from './account.ts';
import { isObject, string } from './fields.ts';
import { judge, VERSION } from './graph-client.ts';
import { META_FILES } from './uploads.ts';

export interface ExampleOptions {
  graphUrl: string;
  dispatcher: Dispatcher;
  /** For tokens that may not say of which app they are. */
  appId: string | undefined;
}

/** With those of the template itself they stay below the deadline of the routes. */
const CALL_MS = 5000;
const BYTES_MS = 30_000;

/** Source: developers.facebook.com, "Resumable Upload API"; sizes as those of messages. */
const LIMITS: FileLimits = {
  image: only('image', ['image/jpeg', 'image/png']),
  video: only('video', ['video/mp4']),
  document: only('document', ['application/pdf']),
};

function only(kind: 'image' | 'video' | 'document', types: string[]) {
  return META_FILES[kind]!.map(({ maxBytes }) => ({ types, maxBytes }));
}

/** Files go to Meta in two steps: a session of the app, then the bytes, which give the handle. */
export function createMetaExamples({ graphUrl, dispatcher, appId }: ExampleOptions): TemplateExamples<MetaAccount> {
  const { origin, pathname } = new URL(graphUrl);
  const prefix = `${pathname.replace(/\/$/, '')}/${VERSION}`;

  async function call(method: 'GET' | 'POST', path: string, accessToken: string, query: Record<string, string>) {
    return callOnce(dispatcher, {
      origin,
      path: `${prefix}/${path}?${new URLSearchParams(query)}`,
      method,
      headers: { authorization: `Bearer ${accessToken}` },
      timeoutMs: CALL_MS,
    });
  }

  async function findApp(accessToken: string): Promise<Outcome<string>> {
    const found = judge(await call('GET', 'debug_token', accessToken, { input_token: accessToken }), readApp);
    return found.kind === 'refused' && appId ? { kind: 'ok', value: appId } : found;
  }

  async function sendBytes(session: string, accessToken: string, file: OutboundFile): Promise<Outcome<string>> {
    const outcome = await callOnce(dispatcher, {
      origin,
      path: `${prefix}/${session}`,
      method: 'POST',
      headers: {
        authorization: `OAuth ${accessToken}`,
        file_offset: '0',
        'content-type': 'application/octet-stream',
      },
      body: streamFile(file, { before: '', after: '' }),
      timeoutMs: BYTES_MS,
    });
    return judge(outcome, (body) => (isObject(body) ? string(body.h) : null));
  }

  return {
    limits: LIMITS,
    async upload({ account: { accessToken } }, file) {
      const app = await findApp(accessToken);
      if (app.kind !== 'ok') return app;
      const about = { file_length: String(file.size), file_type: file.type, file_name: file.name };
      const session = judge(await call('POST', `${app.value}/uploads`, accessToken, about), readSession);
      return session.kind === 'ok' ? sendBytes(session.value, accessToken, file) : session;
    },
  };
}

function readApp(body: unknown): string | null {
  const id = isObject(body) && isObject(body.data) ? string(body.data.app_id) : null;
  return id && /^\d+$/.test(id) ? cleanId(id) : null;
}

/** Its id goes into a path as it is, with the signature behind its question mark. */
function readSession(body: unknown): string | null {
  const id = isObject(body) ? string(body.id) : null;
  return id && /^upload:[\w:=+./~-]+(?:\?[\w:=+./~%&-]*)?$/.test(id) ? id : null;
}

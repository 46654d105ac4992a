import type { Ids } from '../ids.ts';

/** The app of every token. */
export const APP_ID = '670843887433847';

interface Upload {
  /** An app has uploads of its own; here its secret tells apps apart. */
  appSecret: string;
  name: string;
  type: string;
  length: number;
  /** Once its bytes are there. */
  handle: string | null;
}

export interface ExampleUploads {
  start(upload: Omit<Upload, 'handle'>): string;
  find(session: string): Upload | null;
  finish(upload: Upload): string;
  findByHandle(handle: string): Upload | null;
  /** How many sessions were begun. */
  started(): number;
  clear(): void;
}

/** The oldest leave beyond so many. */
const MAX_UPLOADS = 10_000;

/** Upload sessions of apps, and the handles that they gave. Bytes are checked and not kept. */
export function createExampleUploads(ids: Ids): ExampleUploads {
  const sessions = new Map<string, Upload>();
  const handles = new Map<string, Upload>();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  function keep(into: Map<string, Upload>, key: string, upload: Upload): string {
    into.set(key, upload);
    const [oldest] = into.keys();
    if (into.size > MAX_UPLOADS && oldest !== undefined) into.delete(oldest);
    return key;
  }
  return {
    start: (upload) => keep(sessions, `upload:${base64(`attachment:${ids.object()}`)}`, { ...upload, handle: null }),
    find: (session) => sessions.get(session) ?? null,
    finish(upload) {
      upload.handle ??= `4:${base64(upload.name)}:${base64(upload.type)}:${ids.short('AR')}:e:${APP_ID}`;
      return keep(handles, upload.handle, upload);
    },
    findByHandle: (handle) => handles.get(handle) ?? null,
    started: () => sessions.size,
    clear() {
      sessions.clear();
      handles.clear();
    },
  };
}

import { type FileForm, filesOf, formOf, type OutboundContent } from '@recado/contracts';
import type { Database } from '@recado/database';
import type { KnownChannel } from '../channels/directory.ts';
import type { OutboundFile, OutboundFiles } from '../providers/outbound-file.ts';
import type { Outcome } from '../providers/outcome.ts';
import { type OpenDeps, type OpenedFile, openFile } from './open-file.ts';
import { type BroughtRow, type SentFileRow, selectBrought, selectFiles, type WantedFile } from './store.ts';

export interface BringDeps extends OpenDeps {
  workerDb: Database;
}

/** What a message has of its files. */
export type Brought =
  /** `bytes` go with the message itself; 0 when the provider has the files. */
  | { kind: 'ready'; files: OutboundFiles; bytes: number; oldest: Date | null; release(): Promise<void> }
  /** A job has to bring them to the provider first. */
  | { kind: 'missing'; wanted: WantedFile[] }
  /** One could not be brought there: the message ends as that did. */
  | { kind: 'failed'; outcome: Exclude<Outcome<string>, { kind: 'ok' }>; fileIds: string[] }
  /** One was erased. */
  | { kind: 'gone' };

const NONE: Extract<Brought, { kind: 'ready' }> = {
  kind: 'ready',
  files: new Map(),
  bytes: 0,
  oldest: null,
  release: async () => {},
};

/**
 * Finds the files of a message, at the provider or in the storage.
 * @throws when they can't be read now
 */
export async function bringFiles(deps: BringDeps, channel: KnownChannel, content: OutboundContent): Promise<Brought> {
  const named = new Map(filesOf(content).map((one) => [one.fileId, one]));
  if (named.size === 0) return NONE;
  const { tenantId, provider } = channel;
  const rows = await selectFiles(deps.workerDb.sql, tenantId, [...named.keys()]);
  if (rows.length < named.size || rows.some(({ state }) => state !== 'ready')) return { kind: 'gone' };
  const forms = new Map(
    rows.map((row) => {
      const variants = row.playbackType === null ? [] : (['playback'] as const);
      const found = formOf(
        { ...row, variants: [...variants] },
        named.get(row.id)!.kind,
        provider.capabilities.files ?? {},
      );
      // What the channel no longer takes the provider refuses in its own words.
      return [row.id, 'form' in found ? found.form : 'original'] as const;
    }),
  );
  return provider.uploads ? findThere(deps, channel, rows, forms) : openAll(deps, rows, forms);
}

type Forms = ReadonlyMap<string, FileForm>;

async function findThere(deps: BringDeps, channel: KnownChannel, rows: SentFileRow[], forms: Forms): Promise<Brought> {
  const { tenantId, id: channelId } = channel;
  const ids = rows.map(({ id }) => id);
  const known = (await selectBrought(deps.workerDb.sql, tenantId, channelId, ids)).filter(
    ({ fileId, form }) => forms.get(fileId) === form,
  );
  const byId = new Map<string, BroughtRow>(known.map((row) => [row.fileId, row]));
  const failed = known.find(({ failure }) => failure !== null);
  if (failed) return { kind: 'failed', outcome: failed.failure!, fileIds: [failed.fileId] };
  const missing = rows.filter(({ id }) => !byId.has(id));
  if (missing.length > 0) {
    const wanted = missing.map(({ id: fileId }) => ({ tenantId, channelId, fileId, form: forms.get(fileId)! }));
    return { kind: 'missing', wanted };
  }
  const files = rows.map((row): OutboundFile => {
    const { id, name, type, size } = row;
    const open = () => Promise.reject(new Error('The provider has this file'));
    return { id, name, type, size, providerFileId: byId.get(id)!.providerFileId, open };
  });
  const oldest = new Date(Math.min(...known.map(({ updatedAt }) => updatedAt.getTime())));
  return { ...NONE, files: new Map(files.map((file) => [file.id, file])), oldest };
}

async function openAll(deps: BringDeps, rows: SentFileRow[], forms: Forms): Promise<Brought> {
  const opened: OpenedFile[] = [];
  const release = async () => {
    // What stays is swept. A send that worked must not end as a failure.
    await Promise.allSettled(opened.map((one) => one.release()));
  };
  try {
    for (const row of rows) opened.push(await openFile(deps, row, forms.get(row.id)!));
  } catch (error) {
    await release();
    throw error;
  }
  const files = opened.map(({ file }) => file);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { kind: 'ready', files: new Map(files.map((file) => [file.id, file])), bytes, oldest: null, release };
}

import type { FileForm } from '@recado/contracts';
import type { Converter } from '../files/convert/converter.ts';
import { keyOf } from '../files/keys.ts';
import type { Spool } from '../files/spool.ts';
import type { Storage } from '../files/storage/storage.ts';
import type { OutboundFile } from '../providers/outbound-file.ts';
import type { SentFileRow } from './store.ts';

export interface OpenDeps {
  storage: Storage;
  spool: Spool;
  converter: Converter;
}

/** A file in the form that goes out. `release` removes what was made of it. */
export interface OpenedFile {
  file: OutboundFile;
  release(): Promise<void>;
}

/**
 * Makes a stored file ready to be read.
 * @throws when it cannot be converted, or the storage is away
 */
export async function openFile(deps: OpenDeps, row: SentFileRow, form: FileForm): Promise<OpenedFile> {
  const { id, tenantId, name, type, size } = row;
  const read = () => deps.storage.read(keyOf(tenantId, id));
  if (form === 'original') {
    return { file: { id, name, type, size, providerFileId: null, open: read }, release: async () => {} };
  }
  const { spool, converter } = deps;
  const source = await spool.write(await read(), size);
  const to = spool.path();
  try {
    await converter.run({ kind: 'ogg', from: source.path, to });
    const made = {
      id,
      name: `${name.replace(/\.[A-Za-z0-9]{1,8}$/, '')}.ogg`,
      type: 'audio/ogg',
      size: await spool.sizeOf(to),
      providerFileId: null,
      open: async () => spool.read(to),
    };
    return { file: made, release: () => spool.remove(to) };
  } catch (error) {
    await spool.remove(to);
    throw error;
  } finally {
    await spool.remove(source.path);
  }
}

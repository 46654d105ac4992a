import { FILE_CONTENT_TYPE, FILE_NAME_HEADER, FILE_TYPE_HEADER, FILES_PATH, type StoredFile } from '@recado/contracts';
import { internalToken } from '@recado/testkit';
import type { Fixture } from './support.ts';

/** A file that a person of the tenant uploaded and kept. */
export async function uploadFile(
  fixture: Fixture,
  tenantId: string,
  name: string,
  content: Buffer,
  type = '',
): Promise<StoredFile> {
  const permissions = ['messages.read', 'messages.create'];
  const authorization = `Bearer ${internalToken({ tenantId, role: 'admin', permissions })}`;
  const { app } = fixture.connector;
  const made = await app.inject({
    method: 'POST',
    url: FILES_PATH,
    headers: {
      authorization,
      'content-type': FILE_CONTENT_TYPE,
      [FILE_NAME_HEADER]: encodeURIComponent(name),
      [FILE_TYPE_HEADER]: encodeURIComponent(type),
    },
    payload: content,
  });
  if (made.statusCode !== 201) throw new Error(`upload: ${made.statusCode} ${made.body}`);
  const url = `/files/${made.json<StoredFile>().id}/confirm`;
  const kept = await app.inject({ method: 'POST', url, headers: { authorization }, payload: {} });
  if (kept.statusCode !== 200) throw new Error(`confirm: ${kept.statusCode} ${kept.body}`);
  return kept.json<StoredFile>();
}

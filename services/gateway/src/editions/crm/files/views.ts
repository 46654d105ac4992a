import type { FileVariant, StoredFile } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type { MediaLinks } from '../../../files/links.ts';
import type * as schemas from './schemas.ts';

export function fileView(stored: StoredFile, links: MediaLinks, tenantId: string): View<typeof schemas.file> {
  const filename = `${stored.id.slice(-8)}-${stored.name}`;
  const linkOf = (variant: FileVariant) =>
    stored.variants.includes(variant) ? links.make({ tenantId, fileId: stored.id, variant }, filename) : null;
  return {
    id: stored.id,
    filename,
    original_filename: stored.name,
    mime_type: stored.type,
    size_bytes: stored.size,
    file_path: linkOf('original'),
    thumbnail_path: linkOf('thumbnail'),
    playback_path: linkOf('playback'),
    width: stored.width,
    height: stored.height,
    status: stored.state === 'uploaded' ? 'ready' : stored.state,
    error: stored.error?.message ?? null,
    related_entity_type: stored.relatedType,
    related_entity_id: stored.relatedId,
    created_at: stored.createdAt,
  };
}

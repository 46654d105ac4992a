import type { CannedAnswer, CannedMedia, CannedVariable, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { personView } from '../common/views.ts';
import type * as schemas from './schemas.ts';

const mediaView = (media: CannedMedia | null) =>
  media && {
    type: media.kind,
    file_id: media.fileId,
    ...(media.fileName !== undefined && { file_name: media.fileName }),
  };

const variableView = ({ name, isAsked, default: value }: CannedVariable) => ({
  name,
  is_asked: isAsked,
  default: value,
});

export const cannedAnswerView = (
  one: CannedAnswer,
  users: ReadonlyMap<string, User>,
): View<typeof schemas.cannedAnswer> => ({
  id: one.id,
  scope: one.scope,
  shortcut: one.shortcut,
  title: one.title,
  content: one.content,
  variables: one.variables.map(variableView),
  category: one.category,
  tags: one.tags,
  media: mediaView(one.media),
  usage_count: one.usageCount,
  last_used_at: one.lastUsedAt,
  created_by: one.createdBy === null ? null : personView(users.get(one.createdBy)),
  created_at: one.createdAt,
  updated_at: one.updatedAt,
});

export const previewView = (preview: {
  content: string;
  media: CannedMedia | null;
  missing: readonly CannedVariable[];
}): View<typeof schemas.cannedPreview> => ({
  content: preview.content,
  media: mediaView(preview.media),
  missing: preview.missing.map(variableView),
});

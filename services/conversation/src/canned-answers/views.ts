import type { CannedAnswer } from '@recado/contracts';
import type { AnswerRow } from './store.ts';
import { variablesOf } from './variables.ts';

export const answerView = (row: AnswerRow): CannedAnswer => ({
  id: row.id,
  scope: row.userId === null ? 'shared' : 'own',
  shortcut: row.shortcut,
  title: row.title,
  content: row.content,
  variables: variablesOf(row.content),
  category: row.category,
  tags: row.tags,
  media: row.media,
  usageCount: row.usageCount,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

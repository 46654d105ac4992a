import { cutText } from '@recado/service-kit';
import type { AccountNews } from '../provider.ts';
import type { TemplateChange } from '../templates.ts';
import { Fields, type Json } from './fields.ts';
import { categoryOf, qualityOf, statusOf } from './template-words.ts';

/** What Meta tells of a template, by the webhook's field. */
const READERS: Record<string, (value: Fields) => Omit<TemplateChange, 'id' | 'name' | 'language' | 'at'> | null> = {
  message_template_status_update: readStatus,
  message_template_quality_update: (value) => ({ quality: qualityOf(value.string('new_quality_score')) }),
  template_category_update: readCategory,
  message_template_components_update: () => ({ componentsChanged: true }),
};

export const isTemplateField = (field: unknown): field is string =>
  typeof field === 'string' && Object.hasOwn(READERS, field);

/** A change of a template; null when it names none, or says nothing that is known. */
export function readTemplateChange(field: string, source: Json, at: string | null): TemplateChange | null {
  const value = new Fields(source);
  const [name, language] = [value.string('message_template_name'), value.string('message_template_language')];
  const id = value.id('message_template_id') ?? null;
  const change = READERS[field]!(value);
  if (!change || !name || !language) return null;
  return { id, name, language, ...change, at };
}

function readStatus(value: Fields): ReturnType<(typeof READERS)[string]> {
  const event = value.string('event')?.toUpperCase();
  if (event === 'DELETED') return { deleted: true };
  // Flagged: its quality is low, and it is sent for now.
  if (event === 'FLAGGED') return { quality: 'red' };
  const status = statusOf(event);
  const category = categoryOf(value.string('message_template_category'));
  return status ? { status, reason: reasonOf(value), ...(category && { category }) } : null;
}

/** Meta's code, with what it says beside it. */
function reasonOf(value: Fields): string | null {
  const code = value.string('reason');
  const rejection = value.object('rejection_info');
  const other = value.object('other_info');
  const said = [rejection?.string('reason'), rejection?.string('recommendation'), other?.string('description')];
  const parts = [code === 'NONE' ? undefined : code, ...said].filter((one) => one !== undefined && one !== '');
  return parts.length > 0 ? cutText(parts.join(': '), 500) : null;
}

function readCategory(value: Fields): ReturnType<(typeof READERS)[string]> {
  const category = categoryOf(value.string('new_category'));
  const next = categoryOf(value.string('correct_category'));
  if (next) return { nextCategory: next, ...(category && { category }) };
  return category ? { category, nextCategory: null } : null;
}

/** Adds a change to its account's. */
export function addChange(accounts: Map<string, AccountNews>, accountId: string, change: TemplateChange): void {
  const news = accounts.get(accountId) ?? { accountId, templates: [] };
  news.templates.push(change);
  accounts.set(accountId, news);
}

import { isDeepStrictEqual } from 'node:util';
import type { ProviderTemplate, TemplateChange } from '../../providers/templates.ts';
import type { templates } from '../../schema.ts';

type Row = typeof templates.$inferSelect;
/** What the provider decides of a template. */
export type TemplateState = Pick<
  Row,
  | 'category'
  | 'previousCategory'
  | 'nextCategory'
  | 'status'
  | 'reason'
  | 'quality'
  | 'parameterFormat'
  | 'components'
  | 'providerTemplateId'
>;

/** Clocks differ: a report this much older than the last reading may still be news. */
const SKEW_MS = 60_000;

const SHOWN = ['category', 'nextCategory', 'status', 'reason', 'quality', 'components'] as const;

/** Names of what differs, for events. */
export const differences = (before: TemplateState, after: TemplateState): string[] =>
  SHOWN.filter((key) => !isDeepStrictEqual(before[key], after[key]));

/**
 * The template after a report of the provider. In any order of arrival: an older report changes
 * nothing, and neither does one from well before the last reading.
 */
export function applyReport(
  before: TemplateState & Pick<Row, 'toldAt' | 'syncedAt'>,
  change: Omit<TemplateChange, 'id' | 'name' | 'language' | 'at'> & { at: Date | null },
): TemplateState | null {
  const { at } = change;
  if (at && before.toldAt && at < before.toldAt) return null;
  if (at && before.syncedAt && at.getTime() < before.syncedAt.getTime() - SKEW_MS) return null;
  const after = { ...before };
  if (change.status) {
    after.status = change.status;
    after.reason = change.reason ?? null;
  }
  if (change.quality) after.quality = change.quality;
  if (change.nextCategory !== undefined) after.nextCategory = change.nextCategory;
  if (change.category && change.category !== before.category) {
    after.previousCategory = before.category;
    after.category = change.category;
    if (after.nextCategory === change.category) after.nextCategory = null;
  }
  return after;
}

/** The template as the provider's list has it. What was reported while it was read is newer. */
export function applyReading(
  before: TemplateState & Pick<Row, 'toldAt'>,
  read: ProviderTemplate,
  startedAt: Date,
): TemplateState {
  const { id, name: _, language: __, previousCategory, ...listed } = read;
  const reported = before.toldAt !== null && before.toldAt >= startedAt;
  const own = reported
    ? { status: before.status, reason: before.reason, quality: before.quality, category: before.category }
    : {};
  const after = { ...listed, ...own };
  const moved = after.category !== before.category ? before.category : before.previousCategory;
  const nextCategory = listed.nextCategory === after.category ? null : listed.nextCategory;
  return { ...after, nextCategory, previousCategory: previousCategory ?? moved, providerTemplateId: id };
}

/** The first state of a template that the provider's list has. */
export function stateOf({ id, name: _, language: __, ...listed }: ProviderTemplate): TemplateState {
  const nextCategory = listed.nextCategory === listed.category ? null : listed.nextCategory;
  return { ...listed, nextCategory, providerTemplateId: id };
}

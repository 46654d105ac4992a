import { TEMPLATE_CATEGORIES, TEMPLATE_QUALITIES, type Template } from '@recado/contracts';
import { string } from './fields.ts';

/** Meta's words for a template's state, in its list and in `event` of its webhook. */
const STATUSES: Record<string, Template['status']> = {
  APPROVED: 'approved',
  ACTIVE: 'approved',
  REINSTATED: 'approved',
  UNARCHIVED: 'approved',
  UNLOCKED: 'approved',
  PENDING: 'pending',
  IN_REVIEW: 'pending',
  REJECTED: 'rejected',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  IN_APPEAL: 'in_appeal',
  APPEAL_REQUESTED: 'in_appeal',
  PENDING_DELETION: 'pending_deletion',
  LIMIT_EXCEEDED: 'limit_exceeded',
  ARCHIVED: 'archived',
  LOCKED: 'locked',
};

/** Null for a word that this version does not know. */
export function statusOf(value: unknown): Template['status'] | null {
  const word = (string(value) ?? '').toUpperCase();
  return Object.hasOwn(STATUSES, word) ? STATUSES[word]! : null;
}

export function categoryOf(value: unknown): Template['category'] | null {
  const word = (string(value) ?? '').toLowerCase();
  return TEMPLATE_CATEGORIES.find((one) => one === word) ?? null;
}

export function qualityOf(value: unknown): Template['quality'] {
  const word = (string(value) ?? '').toLowerCase();
  return TEMPLATE_QUALITIES.find((one) => one === word) ?? 'unknown';
}

import type { Group } from '@recado/contracts';
import type { CountedGroup, GroupRow } from './store.ts';

/** A group as the contract shows it. */
export const groupView = ({ createdAt, updatedAt, ...row }: CountedGroup): Group => ({
  ...row,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

/** A group in events. */
export const groupFacts = ({ id: groupId, name, description, createdBy }: GroupRow) => ({
  groupId,
  name,
  description,
  createdBy,
});

/** What the audit log compares of a group. */
export const auditedGroup = ({ name, description }: GroupRow) => ({ name, description });

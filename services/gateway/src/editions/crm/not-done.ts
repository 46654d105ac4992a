/**
 * Fields of crm.md without data yet, by shape. They are null, never an empty list that looks like
 * data, and count as not done. Remove one here when it gets data.
 */
export const NOT_DONE = {
  chatDetail: ['bot_context'],
} as const;

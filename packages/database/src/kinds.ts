/** What a tenant's transaction is for: it decides how long a statement may take. */
export type Kind = 'write' | 'list' | 'search' | 'report' | 'export';

interface KindRule {
  /** Milliseconds of each statement; null: the pool's own limit. Most callers wait 5 s. */
  statementMs: number | null;
  /** Statements of this kind may read much, so only a part of the pool runs them at once. */
  isHeavy: boolean;
}

/** docs/decisions/2026-11-30-connections-fair-by-tenant.md */
export const KINDS: Record<Kind, KindRule> = {
  /** Changes rows, or reads what is to be changed. */
  write: { statementMs: null, isHeavy: false },
  /** Reads along an index: one row, or a page. */
  list: { statementMs: 4000, isHeavy: false },
  /** Looks for what a person wrote. */
  search: { statementMs: 3000, isHeavy: true },
  /** Counts or sums many rows. */
  report: { statementMs: 4000, isHeavy: true },
  /** Reads everything, page by page. */
  export: { statementMs: 10_000, isHeavy: true },
};

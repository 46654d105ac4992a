import type { Tx } from '@recado/database';

/** What a tenant has a limited number of. */
type Kind = 'boards' | 'canned answers' | 'custom fields' | 'macros' | 'rules' | 'scheduled messages';

/** Lets one transaction at a time count and add to what a tenant has of a kind, before any row. */
export const lockKind = (tx: Tx, kind: Kind, tenantId: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${kind} || ' ' || ${tenantId}::text, 0))`;

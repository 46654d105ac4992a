import type { Tx } from '@recado/database';

/**
 * Has the statements of this transaction join by index, whatever Postgres believes of the tables. A prepared statement keeps
 * the plan it got when the tables were still small (a hash join over all of them, or the wrong one of several indexes that
 * looked alike) until somebody analyzes them: in a first burst of messages that cost 1.2 ms for each. So no hash joins, and
 * each batch is planned anew. Sent at once and answered together with the next statement.
 */
export function joinByIndex(tx: Tx): Promise<unknown> {
  const setting = tx`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
           set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)`.execute();
  // When it fails the transaction is aborted and the next statement says so; this keeps the
  // rejection from going unheard.
  setting.catch(() => {});
  return setting;
}

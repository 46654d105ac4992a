import { conversationCreated } from '@recado/contracts';
import { recordStates } from '../conversations/record.ts';
import { recordCounts } from '../counts/record.ts';
import { countOpened } from '../counts/rules.ts';
import type { Deps } from '../deps.ts';
import { consumeToCount } from './count.ts';

export const consumeConversationCreated = (deps: Deps) =>
  consumeToCount(deps, {
    event: conversationCreated,
    async handle(tx, events) {
      await recordStates(tx, events);
      const counts = events.map(({ tenantId, data }) => countOpened(tenantId, data));
      await recordCounts(tx, counts, deps.config.RECADO_DEFAULT_TIMEZONE);
    },
  });

import { messageCreated } from '@recado/contracts';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import { orderReplies } from '../replies/order.ts';

export function consumeMessageCreated(deps: Deps) {
  const { policies, writing, config, now } = deps;
  return consume(deps, {
    event: messageCreated,
    dedupe: 'handler',
    // Most messages are of tenants without AI: they are not even parsed.
    ignores: policies.isOff,
    async handle(tx, events) {
      const superseded = await orderReplies(tx, events, {
        policies,
        now: now(),
        zone: config.RECADO_DEFAULT_TIMEZONE,
        longestMs: config.RECADO_AI_LONGEST_WAIT_MS,
      });
      tx.onCommit(() => writing.supersede(superseded));
    },
  });
}

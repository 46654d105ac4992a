import { aiReplyRequested } from '@recado/contracts';
import { consume } from '@recado/service';
import { acceptAiReplies } from '../ai-replies/accept.ts';
import type { Deps } from '../deps.ts';

export function consumeAiReplyRequested(deps: Deps) {
  const { metrics, tenants, now } = deps;
  return consume(deps, {
    event: aiReplyRequested,
    dedupe: 'handler',
    async handle(tx, events) {
      const { accepted, skipped } = await acceptAiReplies(tx, events, now(), tenants);
      metrics.stored.inc({ direction: 'outbound', author: 'ai' }, accepted);
      for (const reason of skipped) metrics.aiRepliesSkipped.inc({ reason });
    },
  });
}

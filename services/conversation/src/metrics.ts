import { Counter, type Registry } from '@recado/service-kit';

/** What this service counts beside the kit's and the messaging's own metrics. */
export function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    stored: new Counter({
      name: 'recado_messages_stored_total',
      help: 'Messages stored, by direction and author',
      labelNames: ['direction', 'author'],
      registers,
    }),
    repeated: new Counter({
      name: 'recado_messages_repeated_total',
      help: 'Received messages that were stored already',
      registers,
    }),
    ignored: new Counter({
      name: 'recado_messages_ignored_total',
      help: 'Parts of events that were left out; foreign_change: an edit or deletion made in another chat',
      labelNames: ['name'],
      registers,
    }),
    statuses: new Counter({
      name: 'recado_statuses_total',
      help: 'Status reports: messages changed (applied), waiting for their message (parked), naming none (orphaned)',
      labelNames: ['outcome'],
      registers,
    }),
    aiRepliesSkipped: new Counter({
      name: 'recado_ai_replies_skipped_total',
      help: 'AI replies that were not sent, by reason',
      labelNames: ['reason'],
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;

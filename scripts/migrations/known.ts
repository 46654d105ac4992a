/**
 * Migrations that were merged before this check and do more than add. A merged migration is never edited, so they stay.
 * Nothing is added to this list: write the migration so that the version before runs on it.
 */
export const KNOWN: Record<string, string> = {
  'ai-responder/0001_event_parcels': 'a DO block copies the outbox keys of the version before',
  'analytics/0002_event_parcels': 'a DO block copies the outbox keys of the version before',
  'channel-connector/0003_event_parcels': 'a DO block copies the outbox keys of the version before',
  'conversation/0004_event_parcels': 'a DO block copies the outbox keys of the version before',
  'identity/0004_event_parcels': 'a DO block copies the outbox keys of the version before',
  'scheduler/0001_event_parcels': 'a DO block copies the outbox keys of the version before',
  'conversation/0002_identities_by_contact': 'replaces an index by one with another order: old code reads more slowly',
  'conversation/0003_usage_slots':
    'the primary key of usage_months gets a third column: an upsert of the version before on the old key fails',
  'conversation/0005_conversation_active_at':
    'a generated column rewrites conversations under an exclusive lock, and four indexes of the version before go',
  'identity/0001_people': 'the unique index on e-mail becomes partial: an upsert on the old index fails',
  'identity/0003_removed_notifications': 'replaces an index by one with a narrower condition',
};

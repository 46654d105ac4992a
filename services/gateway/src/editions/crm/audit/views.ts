import type { AuditRecord, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { personView } from '../common/views.ts';
import { actionView, entityTypeView, fieldView } from '../common/vocabulary.ts';
import type * as schemas from './schemas.ts';

export const auditLogView = (record: AuditRecord, people: ReadonlyMap<string, User>): View<typeof schemas.auditLog> => {
  const { actor, changes } = record;
  return {
    id: record.id,
    user: actor.userId ? personView(people.get(actor.userId)) : null,
    actor: { kind: actor.kind, api_key_id: actor.apiKeyId, service: actor.service },
    action: actionView(record.action),
    entity_type: entityTypeView(record.entityType),
    entity_id: record.entityId,
    changes:
      changes && Object.fromEntries(Object.entries(changes).map(([field, change]) => [fieldView(field), change])),
    ip_address: record.ip,
    user_agent: record.userAgent,
    success: record.success,
    reason: record.reason,
    created_at: record.at,
  };
};

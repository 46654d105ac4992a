import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  buildEvent,
  connectorAudit,
  type Template,
  templateChanged,
  templateRemoved,
} from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import { parametersOf } from './definition/definition.ts';
import { type TemplateRow, USABLE } from './store.ts';

/** The row as the contract shows it. */
export function viewTemplate(row: TemplateRow): Template {
  const { tenantId: _, provider: __, accountId: ___, toldAt: ____, ...shown } = row;
  return {
    ...shown,
    parameters: parametersOf(row),
    usable: USABLE.includes(row.status) && row.channelIds.length > 0,
    syncedAt: row.syncedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** `template.changed`. */
export function changedEvent(row: TemplateRow, changed: string[], at: Date, traceparent?: string): OutgoingEvent {
  const { id: templateId, tenantId, channelIds, name, language, category, previousCategory, nextCategory } = row;
  const { status, reason, quality } = row;
  return buildEvent(templateChanged, {
    tenantId,
    subject: templateId,
    time: at,
    traceparent,
    data: {
      templateId,
      channelIds,
      name,
      language,
      category,
      previousCategory,
      nextCategory,
      status,
      reason,
      quality,
      changed,
      at: at.toISOString(),
    },
  });
}

/** `template.removed`. */
export function removedEvent(row: TemplateRow, at: Date, traceparent?: string): OutgoingEvent {
  const { id: templateId, tenantId, channelIds, name, language } = row;
  const data = { templateId, channelIds, name, language, at: at.toISOString() };
  return buildEvent(templateRemoved, { tenantId, subject: templateId, time: at, traceparent, data });
}

/** What a person did with a template. */
export const templateAudit = (
  verb: 'create' | 'update' | 'submit' | 'delete',
  entityId: string,
  changes: AuditEntry['changes'],
  origin: AuditOrigin,
  at: Date,
): OutgoingEvent =>
  buildAudit(connectorAudit, origin, { action: `template.${verb}`, entityType: 'template', entityId, changes, at });

/** What people choose of a template, for the audit log. */
export const chosen = ({
  name,
  language,
  category,
  components,
}: Pick<TemplateRow, 'name' | 'language' | 'category' | 'components'>) => ({
  name,
  language,
  category,
  components,
});

import { type AuditEvent, auditData } from '../audit.ts';
import { defineEvent } from '../event.ts';

const SUMMARY = 'A change: who made it, of what, from which value to which';

/** Each service reports its own changes, on its own stream; analytics keeps them all. */
export const identityAudit = defineEvent('identity.audit.recorded', 1, auditData, SUMMARY);
export const connectorAudit = defineEvent('channel-connector.audit.recorded', 1, auditData, SUMMARY);
export const conversationAudit = defineEvent('conversation.audit.recorded', 1, auditData, SUMMARY);
export const aiResponderAudit = defineEvent('ai-responder.audit.recorded', 1, auditData, SUMMARY);
export const schedulerAudit = defineEvent('scheduler.audit.recorded', 1, auditData, SUMMARY);
export const analyticsAudit = defineEvent('analytics.audit.recorded', 1, auditData, SUMMARY);

export const AUDIT_EVENTS: readonly AuditEvent[] = [
  identityAudit,
  connectorAudit,
  conversationAudit,
  aiResponderAudit,
  schedulerAudit,
  analyticsAudit,
];

import { randomUUID } from 'node:crypto';
import {
  type AuditEntry,
  conversationApi,
  permissionsOf,
  type RouteContract,
  surveySettings,
  uuidv7,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { serviceCaller } from '@recado/service-kit';
import { internalToken } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setContactTags } from '../src/contacts/tag-store.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { setTags, takeTag } from '../src/tags/store.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('audit');
  service = await fixture.start();
});
afterAll(() => fixture.close());

interface Place {
  channelId: string;
  conversationId: string;
  contactId: string;
  groupId: string;
  fieldId: string;
  answerId: string;
  scheduledId: string;
  /** Of the admin's. */
  taskId: string;
  /** It waits for its start. */
  importId: string;
  campaignId: string;
  ruleId: string;
  otherRuleId: string;
  macroId: string;
  /** Of contacts, with one stage. */
  boardId: string;
  stageId: string;
  /** It failed. */
  messageId: string;
  /** Nothing is known of it. */
  otherContactId: string;
}
interface Call {
  url: string;
  payload?: object;
  /** What the line of the log is about; the rest of it is the same for all. */
  told: (answer: { message?: { id: string; createdAt: string }; id?: string }) => Partial<AuditEntry>;
}
const sent: Call['told'] = ({ message }) => ({
  entityType: 'message',
  entityId: message!.id,
  changes: null,
  at: message!.createdAt,
});
const told =
  (entityType: string, entityId: string | null, changes: AuditEntry['changes']): Call['told'] =>
  ({ id }) => ({ entityType, entityId: entityId ?? id!, changes });

/** What each changing route is called with; a new route needs a line here. */
const CALLS: Record<string, (where: Place, userId: string) => Call> = {
  sendMessage: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/messages`,
    payload: { type: 'text', text: 'Hola' },
    told: sent,
  }),
  sendToPhone: ({ channelId }) => ({
    url: `/channels/${channelId}/messages`,
    payload: { to: '+51981234567', text: 'Hola' },
    told: sent,
  }),
  retryMessage: ({ messageId }) => ({ url: `/messages/${messageId}/retry`, told: sent }),
  createContact: (_, userId) => ({
    url: '/contacts',
    payload: { name: 'Luz', phone: '+51981234567' },
    told: told('contact', null, {
      name: { from: null, to: 'Luz' },
      phone: { from: null, to: '+51981234567' },
      isActive: { from: null, to: true },
      createdBy: { from: null, to: userId },
    }),
  }),
  sendBulk: ({ channelId }) => ({
    url: `/channels/${channelId}/messages-bulk`,
    payload: BULK,
    told: told('channel', channelId, { recipients: { from: null, to: 2 } }),
  }),
  updateContact: ({ contactId }) => ({
    url: `/contacts/${contactId}`,
    payload: { name: 'Ana María' },
    told: told('contact', contactId, { name: { from: 'Ana', to: 'Ana María' } }),
  }),
  mergeContacts: ({ contactId, otherContactId }) => ({
    url: `/contacts/${contactId}/merge`,
    payload: { contactIds: [otherContactId] },
    told: told('contact', contactId, { merged: { from: null, to: [otherContactId] } }),
  }),
  deleteContact: ({ contactId }) => ({
    url: `/contacts/${contactId}`,
    // Without what is erased: the log is kept for long.
    told: told('contact', contactId, { isActive: { from: true, to: null } }),
  }),
  addContactTag: ({ contactId }) => ({
    url: `/contacts/${contactId}/tags`,
    payload: { name: 'VIP' },
    told: told('contact', contactId, { tags: { from: [], to: ['VIP'] } }),
  }),
  removeContactTag: ({ contactId }) => ({
    url: `/contacts/${contactId}/tags/vip`,
    told: told('contact', contactId, { tags: { from: ['VIP'], to: [] } }),
  }),
  createCustomField: () => ({
    url: '/custom-fields',
    payload: { key: 'rubro', type: 'option', options: ['salud'] },
    told: told('custom_field', null, {
      field: { from: null, to: 'rubro' },
      label: { from: null, to: 'rubro' },
      type: { from: null, to: 'option' },
      options: { from: null, to: ['salud'] },
    }),
  }),
  updateCustomField: ({ fieldId }) => ({
    url: `/custom-fields/${fieldId}`,
    payload: { label: 'Sedes' },
    told: told('custom_field', fieldId, { label: { from: 'sedes', to: 'Sedes' } }),
  }),
  deleteCustomField: ({ fieldId }) => ({
    url: `/custom-fields/${fieldId}`,
    told: told('custom_field', fieldId, {
      field: { from: 'sedes', to: null },
      label: { from: 'sedes', to: null },
      type: { from: 'number', to: null },
      options: { from: [], to: null },
    }),
  }),
  createBoard: () => ({
    url: '/boards',
    payload: { name: 'Ventas', kind: 'lead_status', stages: [{ name: 'Nuevo', leadStatus: 'new' }] },
    told: told('board', null, {
      name: { from: null, to: 'Ventas' },
      kind: { from: null, to: 'lead_status' },
      stages: { from: null, to: [{ ...STAGE, name: 'Nuevo', leadStatus: 'new' }] },
    }),
  }),
  updateBoard: ({ boardId }) => ({
    url: `/boards/${boardId}`,
    payload: { name: 'Clientes' },
    told: told('board', boardId, { name: { from: 'Ventas', to: 'Clientes' } }),
  }),
  deleteBoard: ({ boardId }) => ({
    url: `/boards/${boardId}`,
    told: told('board', boardId, {
      name: { from: 'Ventas', to: null },
      kind: { from: 'lead_status', to: null },
      stages: { from: [STAGE], to: null },
    }),
  }),
  moveBoardCard: ({ boardId, stageId, contactId }) => ({
    url: `/boards/${boardId}/cards/${contactId}/move`,
    payload: { stageId },
    told: told('board', boardId, { stage: { from: null, to: 'Contactado' }, card: { from: null, to: contactId } }),
  }),
  setSurveySettings: ({ campaignId }) => ({
    url: '/survey-settings',
    payload: { campaignId, settings: { enabled: true, minDays: 3 } },
    told: told('survey_settings', campaignId, {
      ...Object.fromEntries(
        Object.entries(surveySettings.parse({ enabled: true }))
          .filter(([, to]) => to !== null)
          .map(([name, to]) => [name, { from: null, to }]),
      ),
      minDays: { from: null, to: 3 },
    }),
  }),
  deleteSurveySettings: ({ campaignId }) => ({
    url: `/survey-settings/${campaignId}`,
    told: told('survey_settings', campaignId, { enabled: { from: true, to: null } }),
  }),
  assignConversation: ({ conversationId }, userId) => ({
    url: `/conversations/${conversationId}/assign`,
    payload: { userId, reason: 'Turno' },
    told: told('conversation', conversationId, {
      status: { from: 'new', to: 'assigned' },
      assignedUserId: { from: null, to: userId },
      reason: { from: null, to: 'Turno' },
    }),
  }),
  transferConversation: ({ conversationId }, userId) => ({
    url: `/conversations/${conversationId}/transfer`,
    payload: { to: { kind: 'user', userId } },
    told: told('conversation', conversationId, {
      status: { from: 'new', to: 'assigned' },
      assignedUserId: { from: null, to: userId },
    }),
  }),
  closeConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/close`,
    payload: { reason: 'resolved', outcome: 'sale', value: 150 },
    told: told('conversation', conversationId, {
      status: { from: 'new', to: 'closed' },
      closeReason: { from: null, to: 'resolved' },
      outcome: { from: null, to: 'sale' },
      outcomeValue: { from: null, to: 150 },
    }),
  }),
  snoozeConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/snooze`,
    payload: { until: TOMORROW },
    told: told('conversation', conversationId, { snoozedUntil: { from: null, to: TOMORROW } }),
  }),
  wakeConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/snooze`,
    told: told('conversation', conversationId, { snoozedUntil: { from: TOMORROW, to: null } }),
  }),
  archiveConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/archive`,
    told: told('conversation', conversationId, { archived: { from: false, to: true } }),
  }),
  unarchiveConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/archive`,
    told: told('conversation', conversationId, { archived: { from: true, to: false } }),
  }),
  updateConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}`,
    payload: { priority: 'high' },
    told: told('conversation', conversationId, { priority: { from: 'normal', to: 'high' } }),
  }),
  addTag: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/tags`,
    payload: { name: 'VIP' },
    told: told('conversation', conversationId, { tags: { from: [], to: ['VIP'] } }),
  }),
  reopenConversation: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/reopen`,
    told: told('conversation', conversationId, {
      status: { from: 'closed', to: 'queued' },
      outcome: { from: 'sale', to: null },
    }),
  }),
  removeTag: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/tags/vip`,
    told: told('conversation', conversationId, { tags: { from: ['VIP'], to: [] } }),
  }),
  addNote: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/notes`,
    payload: { content: 'Pide descuento' },
    told: ({ id }) => ({
      entityType: 'conversation',
      entityId: conversationId,
      changes: { note: { from: null, to: id! } },
    }),
  }),
  createCannedAnswer: () => ({
    url: '/canned-answers',
    payload: { shortcut: 'Adiós', content: 'Hasta luego' },
    told: told('canned_answer', null, {
      scope: { from: null, to: 'shared' },
      shortcut: { from: null, to: 'Adiós' },
      title: { from: null, to: 'Adiós' },
      tags: { from: null, to: [] },
      content: { from: null, to: '…' },
    }),
  }),
  updateCannedAnswer: ({ answerId }) => ({
    url: `/canned-answers/${answerId}`,
    payload: { title: 'Saludo', content: 'Buenos días' },
    told: told('canned_answer', answerId, { title: { from: 'hola', to: 'Saludo' }, content: { from: null, to: '…' } }),
  }),
  deleteCannedAnswer: ({ answerId }) => ({
    url: `/canned-answers/${answerId}`,
    told: told('canned_answer', answerId, {
      scope: { from: 'shared', to: null },
      shortcut: { from: 'hola', to: null },
      title: { from: 'hola', to: null },
      tags: { from: [], to: null },
    }),
  }),
  scheduleMessage: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/scheduled-messages`,
    payload: { content: { kind: 'text', body: 'Hola' }, sendAt: TOMORROW },
    told: told('scheduled_message', null, { sendAt: { from: null, to: TOMORROW } }),
  }),
  updateScheduledMessage: ({ conversationId, scheduledId }) => ({
    url: `/conversations/${conversationId}/scheduled-messages/${scheduledId}`,
    payload: { content: { kind: 'text', body: 'Adiós' }, cancelOnReply: true },
    told: told('scheduled_message', scheduledId, {
      content: { from: null, to: '…' },
      cancelOnReply: { from: false, to: true },
    }),
  }),
  cancelScheduledMessage: ({ conversationId, scheduledId }) => ({
    url: `/conversations/${conversationId}/scheduled-messages/${scheduledId}`,
    told: told('scheduled_message', scheduledId, { status: { from: 'scheduled', to: 'cancelled' } }),
  }),
  createTask: ({ contactId }) => ({
    url: '/tasks',
    payload: { title: 'Llamar', contactId, dueAt: '2030-01-01T00:00:00.000Z' },
    told: told('task', null, {
      status: { from: null, to: 'pending' },
      priority: { from: null, to: 'normal' },
      contactId: { from: null, to: contactId },
      dueAt: { from: null, to: '2030-01-01T00:00:00.000Z' },
    }),
  }),
  updateTask: ({ taskId }) => ({
    url: `/tasks/${taskId}`,
    payload: { title: 'Llamar mañana', priority: 'high' },
    told: told('task', taskId, { priority: { from: 'normal', to: 'high' }, title: { from: null, to: '…' } }),
  }),
  completeTask: ({ taskId }) => ({
    url: `/tasks/${taskId}/complete`,
    payload: { notes: 'Renovó' },
    told: told('task', taskId, {
      status: { from: 'pending', to: 'completed' },
      completionNotes: { from: null, to: '…' },
    }),
  }),
  deleteTask: ({ taskId }) => ({
    url: `/tasks/${taskId}`,
    told: told('task', taskId, { status: { from: 'pending', to: null } }),
  }),
  addTaskComment: ({ taskId }) => ({
    url: `/tasks/${taskId}/comments`,
    payload: { content: 'No contesta' },
    told: ({ id }) => ({ entityType: 'task', entityId: taskId, changes: { comment: { from: null, to: id! } } }),
  }),
  createCampaign: () => ({
    url: '/campaigns',
    payload: { name: 'Soporte', code: 'S', timezone: 'America/Lima', description: 'Ayuda' },
    told: ({ id }) => ({
      entityType: 'campaign',
      entityId: id!,
      changes: expect.objectContaining({
        code: { from: null, to: 'S' },
        description: { from: null, to: 'Ayuda' },
      }) as AuditEntry['changes'],
    }),
  }),
  updateCampaign: ({ campaignId }) => ({
    url: `/campaigns/${campaignId}`,
    payload: { name: 'Soporte', code: 'V' },
    told: told('campaign', campaignId, { name: { from: 'Ventas', to: 'Soporte' } }),
  }),
  deleteCampaign: ({ campaignId }) => ({
    url: `/campaigns/${campaignId}`,
    told: () => ({
      entityType: 'campaign',
      entityId: campaignId,
      changes: expect.objectContaining({ name: { from: 'Ventas', to: null } }) as AuditEntry['changes'],
    }),
  }),
  setCampaignNumbers: ({ campaignId, channelId }) => ({
    url: `/campaigns/${campaignId}/numbers`,
    payload: { channelIds: [channelId] },
    told: told('campaign', campaignId, { numbers: { from: [], to: [{ channelId, isPrimary: true }] } }),
  }),
  setCampaignAgents: ({ campaignId }, userId) => ({
    url: `/campaigns/${campaignId}/agents`,
    payload: { agents: [{ userId, priority: 3 }] },
    told: told('campaign', campaignId, {
      agents: { from: [], to: [{ userId, maxChats: null, priority: 3, skills: [] }] },
    }),
  }),
  createRule: () => ({
    url: '/rules',
    payload: { name: 'Cierre', event: 'conversation.closed', actions: [{ type: 'note', content: 'Listo' }] },
    told: ({ id }) => ({
      entityType: 'rule',
      entityId: id!,
      changes: expect.objectContaining({ actions: { from: null, to: ['note'] } }) as AuditEntry['changes'],
    }),
  }),
  updateRule: ({ ruleId }) => ({
    url: `/rules/${ruleId}`,
    payload: { name: 'Cierre', enabled: false },
    told: told('rule', ruleId, { name: { from: 'Cola', to: 'Cierre' }, enabled: { from: true, to: false } }),
  }),
  orderRules: ({ ruleId, otherRuleId }) => ({
    url: '/rule-order',
    payload: { ruleIds: [otherRuleId, ruleId] },
    told: () => ({
      entityType: 'rule',
      entityId: null,
      changes: { order: { from: [ruleId, otherRuleId], to: [otherRuleId, ruleId] } },
    }),
  }),
  deleteRule: ({ ruleId }) => ({
    url: `/rules/${ruleId}`,
    told: () => ({
      entityType: 'rule',
      entityId: ruleId,
      changes: expect.objectContaining({ name: { from: 'Cola', to: null } }) as AuditEntry['changes'],
    }),
  }),
  createMacro: (_, userId) => ({
    url: '/macros',
    payload: { name: 'Cierre', actions: [{ type: 'queue' }] },
    told: told('macro', null, {
      name: { from: null, to: 'Cierre' },
      ownerId: { from: null, to: userId },
      actions: { from: null, to: ['queue'] },
    }),
  }),
  updateMacro: ({ macroId }) => ({
    url: `/macros/${macroId}`,
    payload: { name: 'Cierre' },
    told: told('macro', macroId, { name: { from: 'Cola', to: 'Cierre' } }),
  }),
  deleteMacro: ({ macroId }) => ({
    url: `/macros/${macroId}`,
    told: told('macro', macroId, { name: { from: 'Cola', to: null }, actions: { from: ['queue'], to: null } }),
  }),
  createGroup: () => ({
    url: '/groups',
    payload: { name: 'Nuevos' },
    told: told('group', null, { name: { from: null, to: 'Nuevos' } }),
  }),
  updateGroup: ({ groupId }) => ({
    url: `/groups/${groupId}`,
    payload: { name: 'Clientes', description: 'VIP' },
    told: told('group', groupId, { description: { from: null, to: 'VIP' } }),
  }),
  deleteGroup: ({ groupId }) => ({
    url: `/groups/${groupId}`,
    told: told('group', groupId, { name: { from: 'Clientes', to: null } }),
  }),
  addGroupContacts: ({ groupId, contactId }) => ({
    url: `/groups/${groupId}/contacts`,
    payload: { contactIds: [contactId] },
    told: told('group', groupId, { contactIds: { from: [], to: [contactId] } }),
  }),
  startImport: ({ importId }) => ({
    url: `/imports/${importId}/start`,
    payload: {},
    told: told('import', importId, { rows: { from: null, to: 0 }, onDuplicate: { from: null, to: 'skip' } }),
  }),
  startContactExport: () => ({
    url: '/contact-exports',
    payload: { format: 'csv', segment: 'VIP' },
    told: () => ({
      entityType: 'contact',
      entityId: null,
      changes: { format: { from: null, to: 'csv' }, segment: { from: null, to: 'VIP' } },
    }),
  }),
  cancelImport: ({ importId }) => ({ url: `/imports/${importId}/cancel`, told: told('import', importId, null) }),
  removeGroupContact: ({ groupId, contactId }) => ({
    url: `/groups/${groupId}/contacts/${contactId}`,
    told: told('group', groupId, { contactIds: { from: [contactId], to: [] } }),
  }),
};
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
const BULK = { to: ['51981234567', '51981234568'], content: { kind: 'text', body: 'Hola' } };
/** What each is refused for, where it is not that a thing is unknown. */
/** As the audit log shows that of the place. */
const STAGE = { name: 'Contactado', color: '#1565C0', wipLimit: null, leadStatus: 'contacted', isClosed: false };

const REFUSED: Record<string, [payload: object, status: number]> = {
  createContact: [{ name: 'Luz', phone: '51981234567' }, 422],
  createGroup: [{ name: '' }, 422],
  createCustomField: [{ key: 'rubro', type: 'option' }, 422],
  startContactExport: [{ format: 'pdf' }, 422],
  createCannedAnswer: [{ shortcut: 'a b', content: 'Hola' }, 422],
  createBoard: [{ name: 'X', kind: 'campaign', stages: [{ name: 'Nuevo' }] }, 422],
  createTask: [{ title: 'Llamar', contactId: randomUUID() }, 422],
  createCampaign: [{ name: 'Soporte', code: 'S', timezone: 'Lima' }, 422],
  setCampaignNumbers: [{ channelIds: [] }, 404],
  createRule: [{ name: 'x', event: 'conversation.closed', actions: [] }, 422],
  orderRules: [{ ruleIds: [randomUUID()] }, 422],
  createMacro: [{ name: 'x', actions: [] }, 422],
};
const changing = Object.entries(conversationApi as Record<string, RouteContract>).filter(
  ([, contract]) => contract.method !== 'GET' && typeof contract.audit === 'string',
);

/**
 * A tenant with a conversation, its contact and a group, so that the route changes something.
 * Nothing of it is in the log.
 */
async function placeOf(who: Person, route = ''): Promise<Place> {
  const { tenantId } = who;
  fixture.identity.users.set(who.caller.userId!, { tenantId, role: 'admin', status: 'active' });
  const channelId = randomUUID();
  const groupId = randomUUID();
  const messageId = uuidv7();
  const taskId = randomUUID();
  fixture.channels.set(channelId, { id: channelId, provider: 'meta', tenantId });
  const event = received(tenantId, { channelId });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin.sql<{ conversationId: string; contactId: string }[]>`
    select c.id as "conversationId", c.contact_id as "contactId"
    from conversation.messages m join conversation.conversations c on c.id = m.conversation_id
    where m.id = ${event.envelope.id}`;
  const { contactId } = row!;
  await fixture.admin.sql`
    insert into conversation.groups (tenant_id, id, name) values (${tenantId}, ${groupId}, 'Clientes')`;
  await fixture.admin.sql`
    insert into conversation.tasks (tenant_id, id, title) values (${tenantId}, ${taskId}, 'Llamar')`;
  await fixture.know(tenantId);
  const fieldId = randomUUID();
  await fixture.admin.sql`
    insert into conversation.custom_field_definitions (tenant_id, id, key, label, type)
    values (${tenantId}, ${fieldId}, 'sedes', 'sedes', 'number')`;
  const scheduledId = randomUUID();
  await fixture.admin.sql`
    insert into conversation.scheduled_messages (tenant_id, id, conversation_id, content, send_at, created_at, updated_at)
    values (${tenantId}, ${scheduledId}, ${row!.conversationId}, '{"kind":"text","body":"Hola"}', ${TOMORROW}, now(), now())`;
  const answerId = randomUUID();
  await fixture.admin.sql`
    insert into conversation.canned_answers (tenant_id, id, shortcut, shortcut_key, title, content, search_text)
    values (${tenantId}, ${answerId}, 'hola', 'hola', 'hola', 'Hola', 'hola')`;
  const importId = randomUUID();
  await fixture.admin.sql`
    insert into conversation.imports (tenant_id, id, file_name, format, headers, mapping, origin)
    values (${tenantId}, ${importId}, 'a.csv', 'csv', '["phone"]', '["phone"]', '{}')`;
  const { conversationId } = row!;
  if (route === 'wakeConversation' || route === 'unarchiveConversation') {
    await fixture.admin.sql`
      update conversation.conversations set snoozed_until = ${route === 'wakeConversation' ? TOMORROW : null}, archived = true
      where id = ${conversationId}`;
  }
  if (route === 'archiveConversation') {
    await fixture.admin.sql`update conversation.conversations set status = 'closed' where id = ${conversationId}`;
  }
  if (route === 'reopenConversation') {
    await fixture.admin.sql`
      update conversation.conversations set status = 'closed', closed_at = now(), outcome = 'sale' where id = ${conversationId}`;
  }
  if (route === 'removeTag') {
    await withWorker(fixture.worker, async (tx) =>
      setTags(tx, tenantId, conversationId, [(await takeTag(tx, tenantId, 'VIP')).id]),
    );
  }
  if (route === 'removeContactTag') {
    await withWorker(fixture.worker, (tx) => setContactTags(tx, tenantId, contactId, ['VIP']));
  }
  if (route === 'removeGroupContact') {
    await fixture.admin.sql`
      insert into conversation.group_contacts (tenant_id, group_id, contact_id)
      values (${tenantId}, ${groupId}, ${contactId})`;
  }
  await fixture.admin.sql`
    insert into conversation.messages (tenant_id, id, conversation_id, channel_id, direction, type, content, status,
                                       author, error_code, sent_time)
    values (${tenantId}, ${messageId}, ${row!.conversationId}, ${channelId}, 'outbound', 'text', 'Hola', 'failed',
            'system', '131026', now())`;
  const campaignId = randomUUID();
  await fixture.admin.sql`
    insert into conversation.campaigns (tenant_id, id, name, code, status, priority, timezone, routing_strategy)
    values (${tenantId}, ${campaignId}, 'Ventas', 'V', 'active', 5, 'America/Lima', 'round_robin')`;
  const otherContactId = randomUUID();
  await fixture.admin.sql`insert into conversation.contacts (tenant_id, id) values (${tenantId}, ${otherContactId})`;
  const [boardId, stageId] = [randomUUID(), randomUUID()];
  await fixture.admin.sql`
    insert into conversation.boards (tenant_id, id, name, kind) values (${tenantId}, ${boardId}, 'Ventas', 'lead_status')`;
  await fixture.admin.sql`
    insert into conversation.board_stages (tenant_id, board_id, id, name, color, position, lead_status)
    values (${tenantId}, ${boardId}, ${stageId}, 'Contactado', '#1565C0', 0, 'contacted')`;
  if (route === 'deleteSurveySettings') {
    await fixture.admin.sql`
      insert into conversation.survey_settings (tenant_id, scope_id, settings)
      values (${tenantId}, ${campaignId}, '{"enabled": true}')`;
  }
  const [ruleId, otherRuleId, macroId] = [randomUUID(), randomUUID(), randomUUID()];
  await fixture.admin.sql`
    insert into conversation.rules (tenant_id, id, name, position, event, actions)
    values (${tenantId}, ${ruleId}, 'Cola', 1, 'conversation.closed', '[{"type":"queue"}]'),
           (${tenantId}, ${otherRuleId}, 'Nota', 2, 'conversation.closed', '[{"type":"queue"}]')`;
  await fixture.admin.sql`
    insert into conversation.macros (tenant_id, id, name, actions)
    values (${tenantId}, ${macroId}, 'Cola', '[{"type":"queue"}]')`;
  return {
    ...{
      boardId,
      stageId,
      channelId,
      groupId,
      fieldId,
      importId,
      messageId,
      campaignId,
      taskId,
      otherContactId,
      answerId,
      scheduledId,
      ruleId,
      otherRuleId,
      macroId,
    },
    ...row!,
  };
}
const audited = async (tenantId: string) =>
  (await fixture.outbox(tenantId, 'audit.recorded')).map(({ data }) => data as AuditEntry);

describe('every change', () => {
  it.each(changing)('%s emits one audit event with actor, address and change', async (name, contract) => {
    const who = person({ edition: 'crm', permissions: permissionsOf('admin') });
    const { told, ...call } = CALLS[name]!(await placeOf(who, name), who.caller.userId!);
    const headers = {
      ...who.headers,
      'x-recado-client-ip': '203.0.113.9',
      'x-recado-client-agent': 'Mozilla%2F5.0',
      'x-request-id': 'request-0001',
    };
    const answer = await service.app.inject({ method: contract.method, headers, ...call });
    expect(answer.statusCode).toBe(Number(Object.keys(contract.responses)[0]));
    expect(await audited(who.tenantId)).toEqual([
      {
        actor: { kind: 'user', userId: who.caller.userId, apiKeyId: null, service: null },
        action: contract.audit,
        success: true,
        reason: null,
        ip: '203.0.113.9',
        userAgent: 'Mozilla/5.0',
        edition: 'crm',
        requestId: 'request-0001',
        at: expect.any(String),
        ...told(answer.body ? answer.json() : {}),
      },
    ]);
  });

  it.each(changing)('%s that is refused emits none', async (name, contract) => {
    const who = person({ permissions: permissionsOf('admin') });
    fixture.identity.users.set(who.caller.userId!, { tenantId: who.tenantId, role: 'admin', status: 'active' });
    const nowhere = {
      channelId: randomUUID(),
      conversationId: randomUUID(),
      contactId: randomUUID(),
      otherContactId: randomUUID(),
      groupId: randomUUID(),
      fieldId: randomUUID(),
      answerId: randomUUID(),
      scheduledId: randomUUID(),
      importId: randomUUID(),
      campaignId: randomUUID(),
      boardId: randomUUID(),
      stageId: randomUUID(),
      messageId: randomUUID(),
      taskId: randomUUID(),
      ruleId: randomUUID(),
      otherRuleId: randomUUID(),
      macroId: randomUUID(),
    };
    const { told: _, ...call } = CALLS[name]!(nowhere, who.caller.userId!);
    const [payload = call.payload, status = 404] = REFUSED[name] ?? [];
    const answer = await service.app.inject({
      method: contract.method,
      headers: who.headers,
      url: call.url,
      ...(payload ? { payload } : {}),
    });
    expect(answer.statusCode).toBe(status);
    expect(await audited(who.tenantId)).toEqual([]);
  });

  it('by an API key names the key, and by a service itself emits none', async () => {
    const who = person();
    const place = await placeOf(who);
    const apiKeyId = randomUUID();
    const key = person({
      tenantId: who.tenantId,
      userId: null,
      role: 'key',
      apiKeyId,
      permissions: ['messages.create'],
    });
    const { told: _, ...call } = CALLS.sendMessage!(place, '');
    const send = (headers: object) => service.app.inject({ method: 'POST', headers: { ...headers }, ...call });
    expect((await send(key.headers)).statusCode).toBe(201);
    const gateway = internalToken(serviceCaller('gateway', who.tenantId));
    expect((await send({ authorization: `Bearer ${gateway}` })).statusCode).toBe(201);
    expect((await audited(who.tenantId)).map(({ actor }) => actor)).toEqual([
      { kind: 'api_key', userId: null, apiKeyId, service: null },
    ]);
  });
});

import type {
  backupFinished,
  broadcastFinished,
  channelAlerted,
  channelLimited,
  conversationUpdated,
  EventData,
  importFinished,
  noteMentioned,
  scheduledMessageUpdated,
  slaBreached,
  slaWarned,
  taskDue,
  taskReminded,
  templateChanged,
  webhookDisabled,
} from '@recado/contracts';
import type { Notice } from './notify.ts';

/** A conversation that got an assignee tells them so. */
export function assignmentNotice({ conversation, changed }: EventData<typeof conversationUpdated>): Notice | null {
  const { id, assignedUserId, contact } = conversation;
  // Chats of a blocked contact are in no list.
  if (!assignedUserId || !changed.includes('assignedUserId') || contact.blockedAt) return null;
  return {
    kind: 'conversation.assigned',
    params: { contactName: contact.name ?? contact.phone },
    about: { type: 'conversation', id },
    to: { people: [assignedUserId], otherwise: [] },
  };
}

type Sla = EventData<typeof slaWarned> | EventData<typeof slaBreached>;
const slaNotice = ({ conversationId, contact, target, dueAt }: Sla) => ({
  params: { contactName: contact.name ?? contact.phone, target, dueAt },
  about: { type: 'conversation', id: conversationId },
});

/** A target that will soon be missed, for the agent, else the supervisors. */
export const warningNotice = (data: EventData<typeof slaWarned>): Notice => ({
  kind: 'sla.warned',
  ...slaNotice(data),
  to: { people: [data.assignedUserId], otherwise: ['supervisor'] },
});

/** A target that was missed, for the agent and the supervisors. */
export const breachNotice = (data: EventData<typeof slaBreached>): Notice => ({
  kind: 'sla.breached',
  ...slaNotice(data),
  to: { people: [data.assignedUserId], otherwise: [], also: ['supervisor'] },
});

/** The notice of a broadcast that ended by itself, for its maker, else the admins. */
export function broadcastNotice(data: EventData<typeof broadcastFinished>): Notice | null {
  const { broadcastId, name, createdBy, status, total, sent, failed } = data;
  if (status === 'cancelled') return null;
  return {
    kind: status === 'sent' ? 'broadcast.finished' : 'broadcast.failed',
    params: { name, total, sent, failed },
    about: { type: 'broadcast', id: broadcastId },
    to: { people: [createdBy], otherwise: ['admin'] },
  };
}

/** The notice of a task that fell due, for its assignee, else its maker. */
export function taskNotice({ taskId, title, dueAt, assignedUserId, createdBy }: EventData<typeof taskDue>): Notice {
  return {
    kind: 'task.due',
    params: { title, dueAt },
    about: { type: 'task', id: taskId },
    to: { people: [assignedUserId, createdBy], otherwise: [] },
  };
}

/** The reminder of a task, for its assignee, else its maker. */
export function reminderNotice(data: EventData<typeof taskReminded>): Notice {
  const { taskId, title, dueAt, assignedUserId, createdBy } = data;
  return {
    kind: 'task.reminder',
    params: { title, dueAt },
    about: { type: 'task', id: taskId },
    to: { people: [assignedUserId, createdBy], otherwise: [] },
  };
}

/** A note names a user. Its words are for the chat alone. */
export const mentionNotice = ({ conversationId, userId, contactName }: EventData<typeof noteMentioned>): Notice => ({
  kind: 'note.mentioned',
  params: { contactName },
  about: { type: 'conversation', id: conversationId },
  to: { people: [userId], otherwise: [] },
});

/** A message that could not be sent at its time tells its writer, else who has the chat. */
export function scheduledNotice(data: EventData<typeof scheduledMessageUpdated>): Notice | null {
  const { conversationId, userId, assignedUserId, status, reason, contactName } = data;
  if (status !== 'failed') return null;
  return {
    kind: 'scheduled-message.failed',
    params: { contactName, reason },
    about: { type: 'conversation', id: conversationId },
    to: { people: [userId, assignedUserId], otherwise: ['admin'] },
  };
}

/** The notice of a backup, for the user who asked for it, else the admins. */
export function backupNotice(data: EventData<typeof backupFinished>): Notice {
  const { backupId, requestedBy, status, sizeBytes, reason } = data;
  const about = { type: 'backup', id: backupId };
  const to = { people: [requestedBy], otherwise: ['admin'] as const };
  return status === 'completed'
    ? { kind: 'backup.finished', params: { sizeBytes }, about, to }
    : { kind: 'backup.failed', params: { reason }, about, to };
}

/** The notice of an import that ended by itself, for the user who ordered it, else the admins. */
export function importNotice({ import: one }: EventData<typeof importFinished>): Notice | null {
  const { id, fileName, status, total, created, updated, invalid, createdBy } = one;
  if (status === 'cancelled') return null;
  return {
    kind: status === 'done' ? 'import.finished' : 'import.failed',
    params: { fileName, total, imported: created + updated, invalid },
    about: { type: 'import', id },
    to: { people: [createdBy], otherwise: ['admin'] },
  };
}

/** What a provider tells of a number, for admins and supervisors. Good news needs no bell. */
export function alertNotice(data: EventData<typeof channelAlerted>): Notice | null {
  const { channelId, name, phone, kind, code, severity, text } = data;
  if (severity === 'info') return null;
  return {
    kind: 'channel.alerted',
    params: { name, phone, kind, code, text },
    about: { type: 'channel', id: channelId },
    to: { people: [], otherwise: ['admin', 'supervisor'] },
  };
}

/** A number that receives more than its plan allows tells admins and supervisors. */
export function limitedNotice({ channelId, name, phone }: EventData<typeof channelLimited>): Notice {
  return {
    kind: 'channel.limited',
    params: { name, phone },
    about: { type: 'channel', id: channelId },
    to: { people: [], otherwise: ['admin', 'supervisor'] },
  };
}

/** An endpoint that was switched off tells the admins. */
export function webhookNotice({ endpointId, name, reason }: EventData<typeof webhookDisabled>): Notice {
  return {
    kind: 'webhook.disabled',
    params: { name, reason },
    about: { type: 'webhook_endpoint', id: endpointId },
    to: { people: [], otherwise: ['admin'] },
  };
}

/**
 * A template that the provider rejected, stopped, or put into another category. What people do
 * themselves tells nothing, nor does a new one.
 */
export function templateNotice(data: EventData<typeof templateChanged>): Notice | null {
  const { templateId, name, language, status, reason, category, previousCategory, nextCategory, changed } = data;
  const about = { type: 'template', id: templateId };
  const to = { people: [], otherwise: ['admin', 'supervisor'] as const };
  if (changed.includes('status')) {
    if (status === 'rejected') return { kind: 'template.rejected', params: { name, language, reason }, about, to };
    if (status === 'paused' || status === 'disabled') {
      return { kind: 'template.paused', params: { name, language, status, reason }, about, to };
    }
  }
  const moved = changed.includes('category') && previousCategory !== null;
  const announced = changed.includes('nextCategory') && nextCategory !== null;
  if (!moved && !announced) return null;
  const [from, into] = moved ? [previousCategory, category] : [category, nextCategory];
  const params = { name, language, from, to: into, done: moved ? 1 : 0 };
  return { kind: 'template.category', params, about, to };
}

import type { EventContract } from '../event.ts';
import * as aiResponder from './ai-responder.ts';
import * as analytics from './analytics.ts';
import * as audit from './audit.ts';
import * as boards from './boards.ts';
import * as campaigns from './campaigns.ts';
import * as channelConnector from './channel-connector.ts';
import * as conversation from './conversation.ts';
import * as conversationTimers from './conversation-timers.ts';
import * as identity from './identity.ts';
import * as imports from './imports.ts';
import * as notes from './notes.ts';
import * as rules from './rules.ts';
import * as scheduledMessages from './scheduled-messages.ts';
import * as scheduler from './scheduler.ts';
import * as sla from './sla.ts';
import * as surveys from './surveys.ts';
import * as tasks from './tasks.ts';

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'filter' in value;

/** Every event of the mesh, sorted by type. */
export const ALL_EVENTS: readonly EventContract[] = [
  identity,
  boards,
  campaigns,
  channelConnector,
  conversation,
  conversationTimers,
  imports,
  rules,
  sla,
  surveys,
  notes,
  scheduledMessages,
  tasks,
  aiResponder,
  scheduler,
  analytics,
  audit,
]
  .flatMap((module) => Object.values(module).filter(isContract))
  .sort((a, b) => a.type.localeCompare(b.type));

export * from './ai-responder.ts';
export * from './analytics.ts';
export * from './audit.ts';
export * from './boards.ts';
export * from './campaigns.ts';
export * from './channel-connector.ts';
export * from './conversation.ts';
export * from './conversation-timers.ts';
export * from './identity.ts';
export * from './imports.ts';
export * from './notes.ts';
export * from './rules.ts';
export * from './scheduled-messages.ts';
export * from './scheduler.ts';
export * from './sla.ts';
export * from './surveys.ts';
export * from './tasks.ts';

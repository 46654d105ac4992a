import {
  type ActionResult,
  type AuditOrigin,
  buildEvent,
  type CallKey,
  type Permission,
  type RuleAction,
  type RuleEvent,
  ruleFired,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { AppError, type CallContext, type Caller, requirePermission } from '@recado/service-kit';
import { updateContact } from '../contacts/update.ts';
import {
  assignConversation,
  closeConversation,
  transferConversation,
  updateConversation,
} from '../conversations/move.ts';
import type { Deps } from '../deps.ts';
import { sendMessage } from '../messages/sending/send.ts';
import { addNote } from '../notes/add.ts';
import { addTag, removeTag } from '../tags/change.ts';

/** Who acts, on what. */
export interface ActContext {
  caller: Caller;
  origin: AuditOrigin;
  context: CallContext;
  conversationId: string;
  channelId: string;
  contactId: string;
  /** Names the run: the same reply or note of it is written once. */
  runKey: string;
  /** What a webhook tells of the rule or macro. */
  fired: { ruleId: string | null; macroId: string | null; event: RuleEvent | null };
}

/** What each action takes, as the route of its own does. */
export const ACTION_PERMISSIONS: Record<RuleAction['type'], Permission> = {
  assign: 'chats.assign',
  transfer: 'chats.transfer',
  queue: 'chats.transfer',
  tag: 'chats.update',
  untag: 'chats.update',
  priority: 'chats.update',
  reply: 'messages.create',
  template: 'messages.create',
  note: 'chats.update',
  close: 'chats.close',
  webhook: 'chats.update',
  lead_status: 'contacts.manage',
  custom_field: 'contacts.manage',
};

/** These may pass: the job tries again, and a macro's caller too. */
const PASSING = new Set(['unavailable', 'too_many_requests']);
export const isPassing = (error: unknown): boolean => error instanceof AppError && PASSING.has(error.code);

/**
 * Performs one action, as the route of its own would. Repeating it changes nothing.
 * @throws what is no refusal of the action
 */
export async function act(deps: Deps, by: ActContext, action: RuleAction, index: number): Promise<ActionResult> {
  const { type } = action;
  try {
    requirePermission(by.caller, ACTION_PERMISSIONS[type]);
    await perform(deps, by, action, index);
    return { type, status: 'done', error: null };
  } catch (error) {
    if (!(error instanceof AppError) || isPassing(error)) throw error;
    return failureOf(type, error);
  }
}

/** The result of an action that was refused. */
export const failureOf = (type: RuleAction['type'], { code, message }: AppError): ActionResult => ({
  type,
  status: 'failed',
  error: { code, message },
});

async function perform(deps: Deps, by: ActContext, action: RuleAction, index: number): Promise<unknown> {
  const { caller, origin, conversationId, contactId } = by;
  switch (action.type) {
    case 'assign':
      return assignConversation(deps, by, { userId: action.to });
    case 'transfer':
      return transferConversation(deps, by, { to: { kind: 'campaign', campaignId: action.campaign } });
    case 'queue':
      return transferConversation(deps, by, { to: { kind: 'queue' } });
    case 'tag':
      return addTag(deps, caller, origin, { conversationId, name: action.name });
    case 'untag':
      return untag(deps, by, action.name);
    case 'priority':
      return updateConversation(deps, by, { priority: action.priority });
    case 'close':
      return closeConversation(deps, by, { reason: action.reason, outcome: action.outcome });
    case 'lead_status':
      return updateContact(deps, caller, origin, contactId, { leadStatus: action.status });
    case 'custom_field':
      return updateContact(deps, caller, origin, contactId, { customFields: { [action.name]: action.value } });
    case 'note':
      return writeNote(deps, by, action.content, index);
    case 'reply':
    case 'template':
      return reply(deps, by, action, index);
    case 'webhook':
      return withTenant(deps.db, caller.tenantId, (tx) => enqueue(tx, [buildFired(by, action.name)]));
  }
}

/** A chat without the tag is as it should be. */
async function untag(deps: Deps, { caller, origin, conversationId }: ActContext, name: string): Promise<void> {
  try {
    await removeTag(deps, caller, origin, { conversationId, name });
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not_found' && error.entity === 'tag')) throw error;
  }
}

const keyOf = ({ runKey }: ActContext, index: number): string => `${runKey}:${index}`;

function writeNote(deps: Deps, by: ActContext, content: string, index: number) {
  const callKey: CallKey = { route: 'addNote', key: keyOf(by, index), request: by.runKey };
  const note = { conversationId: by.conversationId, content, mentions: [] };
  return addNote(deps, by.caller, { ...by.origin, callKey }, note);
}

type Reply = Extract<RuleAction, { type: 'reply' | 'template' }>;
function reply(deps: Deps, by: ActContext, action: Reply, index: number) {
  const { caller, origin, context, conversationId } = by;
  const key = { key: keyOf(by, index), request: by.runKey };
  const content =
    action.type === 'reply'
      ? { kind: 'text' as const, body: action.text }
      : { kind: 'template' as const, name: action.name, language: action.language, params: action.params };
  return sendMessage(deps, { caller, origin, context, key }, conversationId, content);
}

function buildFired({ caller, origin, conversationId, channelId, contactId, fired }: ActContext, name: string) {
  const data = { name, ...fired, conversationId, channelId, contactId, byUserId: caller.userId };
  const { traceparent } = origin;
  return buildEvent(ruleFired, { tenantId: caller.tenantId, subject: conversationId, traceparent, data });
}

import type { ScheduledMessage, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { findSentence } from '../../../languages/language.ts';
import { snakeKeys } from '../common/snake-case.ts';
import { personView } from '../common/views.ts';
import { SCHEDULED_REASONS, texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

/** Keys of others: a template's. */
const FREE_KEYS: ReadonlySet<string> = new Set(['params', 'components']);

/** Why it was not sent, in the edition's language; else the service's own words. */
export const reasonView = ({ reason, error }: Pick<ScheduledMessage, 'reason' | 'error'>) =>
  reason === null
    ? null
    : {
        code: reason,
        message:
          findSentence(SCHEDULED_REASONS, reason) ??
          findSentence(texts.errors, reason) ??
          findSentence(texts.fields, reason) ??
          error ??
          texts.invalid,
      };

export const scheduledView = (
  one: ScheduledMessage,
  users: ReadonlyMap<string, User>,
): View<typeof schemas.scheduledMessage> => ({
  id: one.id,
  chat_id: one.conversationId,
  user: one.userId === null ? null : personView(users.get(one.userId)),
  message_type: one.content.kind,
  message: snakeKeys(one.content, FREE_KEYS) as Record<string, unknown>,
  send_at: one.sendAt,
  cancel_if_customer_writes: one.cancelOnReply,
  status: one.status,
  reason: reasonView(one),
  message_id: one.messageId,
  settled_at: one.settledAt,
  created_at: one.createdAt,
  updated_at: one.updatedAt,
});

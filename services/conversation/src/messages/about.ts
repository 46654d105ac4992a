import { type AboutMessage, FIELD_CODES, type OutboundContent } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import { aboutOf } from './content.ts';

/**
 * The message of a conversation that content quotes or reacts to; null for content without one.
 * @throws ValidationFailed when the conversation has no such message with an id of the provider
 */
export async function findAbout(
  tx: Tx,
  { tenantId, id }: { tenantId: string; id: string },
  content: OutboundContent,
): Promise<AboutMessage | null> {
  const about = aboutOf(content);
  if (!about) return null;
  const { field, messageId } = about;
  const [row] = await tx<(Omit<AboutMessage, 'messageId' | 'from'> & { from: AboutMessage['from'] | null })[]>`
    select provider_message_id as "providerMessageId", direction = 'outbound' as "fromMe", left(content, 1024) as text,
           details -> 'group' -> 'from' as "from"
    from messages
    where tenant_id = ${tenantId} and id = ${messageId} and conversation_id = ${id} and provider_message_id is not null`;
  if (row) {
    const { from, ...rest } = row;
    const author = from && { waId: from.waId, userId: from.userId };
    return { messageId, ...rest, ...(author && { from: author }) };
  }
  const message = FIELD_CODES.unknown_message;
  throw new ValidationFailed([{ field: `content.${field}`, message, code: 'unknown_message' }]);
}

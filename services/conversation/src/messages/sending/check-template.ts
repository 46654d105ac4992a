import type { OutboundContent } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { AppError, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import type { SendContext } from './accept.ts';
import { type Checked, purposeOf, UNCHECKED } from './consent.ts';

type CheckDeps = Pick<Deps, 'db' | 'channels'>;
type Asker = Pick<SendContext, 'caller' | 'context'>;

/**
 * A template with all its parts and its purpose; other content as it is. While the connector does
 * not answer, the provider decides about the parts.
 * @throws ValidationFailed for a template that cannot be sent, or values that do not fit it
 */
export async function completeTemplate(
  { channels }: Pick<Deps, 'channels'>,
  { caller, context }: Asker,
  channelId: string,
  content: OutboundContent,
): Promise<Checked> {
  if (content.kind !== 'template') return { content, purpose: 'service' };
  const { name, language, params, components } = content;
  try {
    const checked = await channels.checkTemplate(
      caller.tenantId,
      channelId,
      { name, language, params, components },
      context,
    );
    const { params: _, ...rest } = content;
    const complete = { ...rest, components: checked.components as typeof components };
    const { category } = checked;
    return { content: complete, purpose: purposeOf(category), category, words: checked.preview.text };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code !== 'validation_failed') return { content, purpose: UNCHECKED };
    throw new ValidationFailed((error.details ?? []).map((one) => ({ ...one, field: `content.${one.field}` })));
  }
}

/** The same for a conversation; an unknown one is refused later. */
export async function completeFor(
  deps: CheckDeps,
  by: Asker,
  conversationId: string,
  content: OutboundContent,
): Promise<Checked> {
  if (content.kind !== 'template') return { content, purpose: 'service' };
  const { tenantId } = by.caller;
  const [[row]] = await readTenant(deps.db, tenantId, (tx) => [
    tx<{ channelId: string }[]>`
      select channel_id as "channelId" from conversations where tenant_id = ${tenantId} and id = ${conversationId}`,
  ]);
  return row ? completeTemplate(deps, by, row.channelId, content) : { content, purpose: UNCHECKED };
}

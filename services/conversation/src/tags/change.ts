import { type AuditOrigin, MAX_TAGS, type Tag } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type Caller, NotFound, ValidationFailed } from '@recado/service-kit';
import { lockOrThrow, tellOfConversation } from '../conversations/change.ts';
import { joinedView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { isSameTag } from './rules.ts';
import { selectTagsOf, setTags, takeTag } from './store.ts';

interface TagChange {
  conversationId: string;
  name: string;
}

/**
 * Tags a conversation, and makes the tag where the tenant has none of that name.
 * @throws NotFound `conversation`; ValidationFailed naming `name` beyond 50 tags
 */
export const addTag = (deps: Deps, caller: Caller, origin: AuditOrigin, { conversationId, name }: TagChange) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    const row = await lockOrThrow(tx, tenantId, conversationId);
    const before = await selectTagsOf(tx, tenantId, conversationId);
    if (before.some((tag) => isSameTag(tag.name, name))) return { tags: [...before] };
    checkTagCount(before.length + 1, 'name');
    const tag = await takeTag(tx, tenantId, name);
    await setTags(
      tx,
      tenantId,
      conversationId,
      [...before, tag].map(({ id }) => id),
    );
    const tags = await selectTagsOf(tx, tenantId, conversationId);
    const change = { action: 'conversation.tag', changes: namesChanged(before, tags) };
    await tellOfConversation(tx, origin, { ...joinedView(row), tags: [...tags] }, change);
    return { tags: [...tags] };
  });

/** @throws NotFound `conversation`, or `tag` when the conversation does not have it */
export const removeTag = (deps: Deps, caller: Caller, origin: AuditOrigin, { conversationId, name }: TagChange) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    const row = await lockOrThrow(tx, tenantId, conversationId);
    const before = await selectTagsOf(tx, tenantId, conversationId);
    const tags = before.filter((tag) => !isSameTag(tag.name, name));
    if (tags.length === before.length) throw new NotFound('tag');
    await setTags(
      tx,
      tenantId,
      conversationId,
      tags.map(({ id }) => id),
    );
    const change = { action: 'conversation.untag', changes: namesChanged(before, tags) };
    await tellOfConversation(tx, origin, { ...joinedView(row), tags }, change);
    return { tags };
  });

/** @throws ValidationFailed naming the field */
export function checkTagCount(count: number, field: string, maximum = MAX_TAGS): void {
  if (count <= maximum) return;
  const message = `At most ${maximum} tags`;
  throw new ValidationFailed([{ field, message, code: 'too_big', params: { origin: 'array', maximum } }]);
}

/** For the audit log and the event. */
export const namesChanged = (before: readonly Tag[], after: readonly Tag[]) => ({
  tags: { from: before.map(({ name }) => name), to: after.map(({ name }) => name) },
});

import { type ActionResult, type AuditOrigin, type conversationApi, type RouteOutput, uuidv7 } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type CallContext, type Caller, NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import type { SendKey } from '../messages/keys.ts';
import { act } from '../rules/act.ts';
import { readFacts } from '../rules/facts.ts';
import { getMacro } from './store.ts';

type Answer = RouteOutput<typeof conversationApi.runMacro>;

/**
 * Runs a macro's actions as the caller, one after another. Each tells its result; one that is
 * refused ends no other. A repeated call writes no reply and no note again.
 * @throws NotFound `macro` or `conversation`
 */
export async function runMacro(
  deps: Deps,
  { caller, origin, context, key }: { caller: Caller; origin: AuditOrigin; context: CallContext; key: SendKey | null },
  { conversationId, macroId }: { conversationId: string; macroId: string },
): Promise<Answer> {
  const { tenantId, userId } = caller;
  const [macro, chat] = await withTenant(deps.db, tenantId, async (tx) => [
    await getMacro(tx, tenantId, userId, macroId),
    await readFacts(tx, tenantId, conversationId, deps.now(), null),
  ]);
  if (chat === null) throw new NotFound('conversation', conversationId);
  const { channelId, contactId } = chat;
  const runKey = `macro:${macroId}:${key?.key ?? uuidv7()}`;
  const fired = { ruleId: null, macroId, event: null };
  const by = { caller, origin, context, conversationId, channelId, contactId, runKey, fired };
  const actions: ActionResult[] = [];
  for (const [i, action] of macro.actions.entries()) actions.push(await act(deps, by, action, i));
  return { macroId, actions };
}

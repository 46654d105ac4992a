import type { Channel } from '@recado/contracts';
import { NotFound } from '@recado/service-kit';
import type { GatewayDeps } from '../../../deps.ts';
import type { CallContext } from '../../../edge/edition.ts';

/**
 * The instance; a removed one too, whose conversations stay readable.
 * @throws NotFound naming the instance, as this edition calls a channel
 */
export async function requireInstance(deps: GatewayDeps, call: CallContext, id: string): Promise<Channel> {
  const found = (await deps.directory.channels(call, [id])).get(id);
  if (!found) throw new NotFound('instance', id);
  return found;
}

/** One that was not removed. @throws as requireInstance */
export async function requirePresentInstance(deps: GatewayDeps, call: CallContext, id: string): Promise<void> {
  const { removedAt } = await requireInstance(deps, call, id);
  if (removedAt) throw new NotFound('instance', id);
}

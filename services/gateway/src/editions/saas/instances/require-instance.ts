import { NotFound } from '@recado/service-kit';
import type { GatewayDeps } from '../../../deps.ts';
import type { CallContext } from '../../../edge/edition.ts';

/** @throws NotFound naming the instance, as this edition calls a channel */
export async function requireInstance(deps: GatewayDeps, call: CallContext, id: string): Promise<void> {
  const found = await deps.directory.channels(call, [id]);
  if (!found.has(id)) throw new NotFound('instance', id);
}

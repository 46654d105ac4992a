import type { connectorApi, RouteOutput } from '@recado/contracts';
import type { Deps } from '../../deps.ts';
import { findOwn, firstAnswer } from '../answer.ts';
import type { ChannelRow } from '../store.ts';
import { viewChannel } from '../views.ts';
import { hasCode } from './link-store.ts';

type Shown = RouteOutput<(typeof connectorApi)['getLinkCode']>;

/**
 * The code that links the channel's phone now; an expired one is asked for anew.
 * @throws NotFound
 */
export async function getLinkCode(deps: Deps, tenantId: string, channelId: string): Promise<Shown> {
  const row = await findOwn(deps, tenantId, channelId);
  if (waits(deps, row) && !hasCode(row, deps.now())) await firstAnswer(deps, row);
  const { status, code = null } = viewChannel(await findOwn(deps, tenantId, channelId), { mayLink: true });
  return { status, code };
}

const waits = ({ providers }: Deps, { provider, status }: ChannelRow): boolean =>
  providers.get(provider)?.linking !== undefined && (status === 'qr' || status === 'connecting');

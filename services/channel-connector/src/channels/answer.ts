import type { Channel } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import type { CheckOptions } from './checks/check.ts';
import { type ChannelRow, selectChannel } from './store.ts';
import { viewChannel } from './views.ts';

/** The client gives up after 5 s. The check may take as long and continues after the answer. */
const ANSWER_AFTER_MS = 3000;

/** @throws NotFound of a removed one too */
export async function findOwn(deps: Pick<Deps, 'db'>, tenantId: string, id: string): Promise<ChannelRow> {
  const [[row]] = await readTenant(deps.db, tenantId, (tx) => [selectChannel(tx, tenantId, id)]);
  if (!row) throw new NotFound('channel', id);
  return row;
}

export const getOwn = async (
  deps: Pick<Deps, 'db'>,
  tenantId: string,
  id: string,
  how?: { mayLink: boolean },
): Promise<Channel> => viewChannel(await findOwn(deps, tenantId, id), how);

/** Asks the provider of a channel; the row when that changed anything in time. */
export async function firstAnswer(
  deps: Pick<Deps, 'check' | 'log'>,
  { id }: Pick<ChannelRow, 'id'>,
  how: CheckOptions = {},
): Promise<ChannelRow | null> {
  const checked = deps.check.check(id, how).catch((err: unknown) => {
    // Its status stays and the sweep asks again.
    deps.log.warn({ err, channelId: id }, 'a channel could not be checked');
    return null;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWER_AFTER_MS);
  });
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}

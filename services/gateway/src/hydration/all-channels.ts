import type { Channel } from '@recado/contracts';
import type { Clients } from '../clients.ts';
import type { CallContext } from '../edge/call-context.ts';

const PAGE = 500;

/** All channels of the caller's tenant, oldest first, for lists without pages inside. */
export async function allChannels(
  { connector }: Pick<Clients, 'connector'>,
  call: CallContext,
  provider?: Channel['provider'],
): Promise<Channel[]> {
  const all: Channel[] = [];
  for (;;) {
    const after = all.at(-1)?.id;
    const { items } = await connector.listChannels({ query: { provider, limit: PAGE, after } }, call);
    all.push(...items);
    if (items.length < PAGE) return all;
  }
}

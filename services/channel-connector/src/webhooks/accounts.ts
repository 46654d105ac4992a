import { buildEvent, type Channel, templateReported } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { Directory, KnownChannel } from '../channels/directory.ts';
import type { AccountNews, Provider, Webhook } from '../providers/provider.ts';
import { idOfContent } from './clean.ts';
import type { InboundCost } from './inbound-limits.ts';

export interface AccountDeps {
  directory: Pick<Directory, 'findAll'>;
  /** Channels of any tenant by the provider's ids of their accounts. */
  channelsOfAccounts(provider: string, accountIds: readonly string[]): Promise<{ id: string; accountId: string }[]>;
}

/** An account of one tenant: its channels whose secret signed the webhook. */
interface TenantAccount {
  accountId: string;
  channels: KnownChannel[];
}

/**
 * Finds the tenants that an account's news concern. A channel counts when its own secret signed the
 * body. The addressed channel counts for an account while its own is not known.
 */
export async function findTenantAccounts(
  deps: AccountDeps,
  provider: Provider,
  webhook: Webhook,
  accountIds: readonly string[],
  addressed: KnownChannel | null,
): Promise<TenantAccount[]> {
  const rows = await deps.channelsOfAccounts(provider.name, accountIds);
  const found = await deps.directory.findAll(rows.map(({ id }) => `id:${id}` as const));
  const known = found.flatMap((channel, i) => (channel?.proven ? [{ channel, accountId: rows[i]!.accountId }] : []));
  const proofs = provider.verifyWebhook(
    webhook,
    known.map(({ channel }) => channel.account),
  );
  const accounts = new Map<string, TenantAccount>();
  const add = (accountId: string, channel: KnownChannel) => {
    const key = `${channel.tenantId} ${accountId}`;
    const account = accounts.get(key) ?? { accountId, channels: [] };
    account.channels.push(channel);
    accounts.set(key, account);
  };
  for (const [i, { channel, accountId }] of known.entries()) if (proofs[i]) add(accountId, channel);
  if (addressed && addressed.accountId === null) for (const accountId of accountIds) add(accountId, addressed);
  return [...accounts.values()];
}

/** What a webhook tells of accounts, as events of the tenants that have them. */
export function accountEvents(
  accounts: readonly TenantAccount[],
  news: readonly AccountNews[],
  now: Date,
  traceparent: string | undefined,
): { events: OutgoingEvent[]; costs: InboundCost[] } {
  const events: OutgoingEvent[] = [];
  const costs: InboundCost[] = [];
  for (const { accountId, channels } of accounts) {
    const [first] = channels;
    const own = news
      .filter((one) => one.accountId === accountId)
      .flatMap((one) => templateEvents(first!, one, now, traceparent));
    events.push(...own);
    const { id: channelId, tenantId, plan } = first!;
    costs.push({ channelId, tenantId, plan, items: own.length, bytes: 0 });
  }
  return { events, costs };
}

function templateEvents(
  { tenantId, provider }: KnownChannel,
  { accountId, templates }: AccountNews,
  time: Date,
  traceparent: string | undefined,
): OutgoingEvent[] {
  return templates.map(({ id: _, ...change }) => {
    const data = { provider: provider.name as Channel['provider'], accountId, ...change };
    const event: OutgoingEvent = buildEvent(templateReported, { tenantId, time, traceparent, data });
    // Providers repeat webhooks; the same words at another time are news.
    event.dedupeKey = `tp:${tenantId}:${idOfContent(data)}`;
    return event;
  });
}

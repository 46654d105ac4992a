import { buildEvent, type Channel, templateReported } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import { isSamePhone } from '@recado/service-kit/phone';
import type { Directory, KnownChannel } from '../channels/directory.ts';
import type { AccountNews, AccountReport, Provider, Webhook, WebhookContent } from '../providers/provider.ts';
import { idOfContent } from './clean.ts';
import { reportEvent } from './events.ts';
import type { InboundCost } from './inbound-limits.ts';

export interface AccountDeps {
  directory: Pick<Directory, 'findAll'>;
  /** Channels of any tenant by the provider's ids of their accounts. */
  channelsOfAccounts(provider: string, accountIds: readonly string[]): Promise<{ id: string; accountId: string }[]>;
}

/** An account of one tenant: its channels whose secret signed the webhook. */
export interface TenantAccount {
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

/** The accounts that a webhook tells of. */
export const accountsOf = ({ accounts = [], reports = [] }: WebhookContent): string[] => [
  ...new Set([...accounts, ...reports].flatMap(({ accountId }) => accountId ?? [])),
];

interface AccountEvents {
  events: OutgoingEvent[];
  costs: InboundCost[];
  /** What concerns no channel, by name. */
  ignored: string[];
}

/**
 * What a webhook tells of accounts, as events of the tenants that have them. A report on a whole
 * account goes to each of its channels, and people hear of it once.
 * @param addressed gets the reports that name no account
 */
export function accountEvents(
  found: readonly TenantAccount[],
  { accounts = [], reports = [] }: WebhookContent,
  addressed: KnownChannel | null,
  now: Date,
  traceparent: string | undefined,
): AccountEvents {
  const told: AccountEvents = { events: [], costs: [], ignored: [] };
  const add = ({ id: channelId, tenantId, plan }: KnownChannel, events: OutgoingEvent[]) => {
    told.events.push(...events);
    told.costs.push({ channelId, tenantId, plan, items: events.length, bytes: 0 });
  };
  for (const { accountId, channels } of found) {
    const own = accounts.filter((one) => one.accountId === accountId);
    if (own.length === 0) continue;
    const [first] = channels;
    add(
      first!,
      own.flatMap((one) => templateEvents(first!, one, now, traceparent)),
    );
  }
  for (const one of reports) {
    const groups = one.accountId === null ? (addressed ? [[addressed]] : []) : channelsOf(found, one.accountId);
    const concerned = groups.map((channels) => channels.filter((channel) => isAbout(one, channel, addressed)));
    if (concerned.every((channels) => channels.length === 0)) told.ignored.push('other_number');
    for (const channels of concerned) {
      for (const [i, channel] of channels.entries()) {
        add(channel, [reportEvent(channel, { ...one.report, ...(i > 0 && { repeated: true }) }, now, traceparent)]);
      }
    }
  }
  return told;
}

/** By tenant. */
const channelsOf = (found: readonly TenantAccount[], accountId: string): KnownChannel[][] =>
  found.filter((one) => one.accountId === accountId).map(({ channels }) => channels);

/** A report that names a number concerns that one alone. */
const isAbout = ({ phone: told }: AccountReport, { id, phone }: KnownChannel, addressed: KnownChannel | null) =>
  told === null || (phone === null ? id === addressed?.id : isSamePhone(phone, told));

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

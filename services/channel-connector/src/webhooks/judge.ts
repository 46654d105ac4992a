import { FRAME_DEFERRED, type WebhookFrame } from '@recado/contracts';
import { isConnectionError } from '@recado/database';
import { Unavailable } from '@recado/service-kit';
import { type ChannelKey, type KnownChannel, numberKey } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import type { Provider, WebhookContent } from '../providers/provider.ts';
import { type AccountDeps, accountEvents, findTenantAccounts } from './accounts.ts';
import type { InboundLimits } from './inbound-limits.ts';
import { type Accepted, accepted, type Round, type Verdict } from './verdict.ts';

export type JudgeDeps = Pick<Deps, 'directory' | 'providers' | 'log' | 'metrics'> & {
  channelsOfAccounts: AccountDeps['channelsOfAccounts'];
  inbound: Pick<InboundLimits, 'waitOf'>;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What a webhook comes to; a promise only when its channel has to be asked for. Never throws. */
export function judge(deps: JudgeDeps, frame: WebhookFrame, round: Round): Verdict | Promise<Verdict> {
  try {
    const provider = deps.providers.get(frame.provider);
    if (!provider) return 404;
    const verdict =
      frame.channelId === null
        ? judgeUnaddressed(deps, provider, frame, round)
        : judgeAddressed(deps, provider, frame, frame.channelId.toLowerCase(), round);
    return verdict instanceof Promise ? verdict.catch((err) => unstored(deps, err)) : verdict;
  } catch (err) {
    return unstored(deps, err);
  }
}

/** The provider tries again. 500: not an outage, so the fault may be of this webhook alone. */
export function unstored(deps: JudgeDeps, err: unknown): 500 | 503 {
  const isOutage = isConnectionError(err) || err instanceof Unavailable;
  deps.log[isOutage ? 'warn' : 'error']({ err }, 'a webhook could not be stored');
  return isOutage ? 503 : 500;
}

/** The path names the channel: the signature is checked before a byte of the body is looked at. */
function judgeAddressed(deps: JudgeDeps, provider: Provider, frame: WebhookFrame, id: string, round: Round) {
  if (!UUID.test(id)) return 404;
  if (!provider.isSigned(frame)) return refuseSignature(deps, id);
  return withChannels(deps, [`id:${id}`], round, ([channel]) => {
    if (!channel || channel.provider !== provider || !isHeard(channel)) return 404;
    if (!provider.verifyWebhook(frame, [channel.account])[0]) return refuseSignature(deps, channel.id);
    const retryAfterMs = deps.inbound.waitOf(channel.id, frame.body.length);
    if (retryAfterMs > 0) return { retryAfterMs };
    const content = provider.readWebhook(frame, round.now, channel.providerId);
    if (!content) return 400;
    const { providerId } = channel;
    const others = new Set(content.news.map((one) => one.providerId).filter((number) => number !== providerId));
    const own = new Map([[providerId, channel]]);
    const told = channel.proven ? content : onlyConnection(content);
    const verdict = (known: ReadonlyMap<string, KnownChannel>) =>
      addAccounts(
        deps,
        provider,
        frame,
        told,
        accepted(told, (number) => known.get(number), frame.body.length, round, channel),
        channel,
        round,
      );
    if (others.size === 0) return verdict(own);
    // One app may have several numbers: another one's news count where its own secret signed too.
    const keys = [...others].map((number) => numberKey({ provider: provider.name, providerId: number }));
    return withChannels(deps, keys, { ...round, deferUnknown: false }, (found) => {
      const channels = found.filter((one) => one !== null);
      return verdict(new Map([...own, ...signedChannels(provider, channels, frame)]));
    });
  });
}

/** A phone that is being linked has news of its link before it is proved. */
const isHeard = ({ proven, provider, status }: KnownChannel): boolean =>
  proven || (provider.linking !== undefined && status !== 'disconnected');

/** Without what customers wrote: the number is not the tenant's yet. */
const onlyConnection = ({ news, ignored }: WebhookContent): WebhookContent => ({
  news: news.map((one) => ({ ...one, messages: [], statuses: [] })),
  ignored,
});

/**
 * One webhook for several numbers: each finds its channel, and each channel's secret must have
 * signed. An unsigned body is never parsed. It costs one query and a few HMACs.
 */
function judgeUnaddressed(deps: JudgeDeps, provider: Provider, frame: WebhookFrame, round: Round) {
  if (!provider.isSigned(frame)) return refuseSignature(deps, null);
  const numbers = provider.findNumbers(frame);
  if (numbers === null) return 400;
  if (numbers.length === 0) return judgeAccounts(deps, provider, frame, round);
  const keys = numbers.map((providerId) => numberKey({ provider: provider.name, providerId }));
  return withChannels(deps, keys, round, (found) => {
    const channels = found.filter((channel) => channel !== null);
    if (channels.length === 0) return 404;
    const signed = signedChannels(provider, channels, frame);
    if (signed.size === 0) return refuseSignature(deps, channels[0]!.id);
    const content = provider.readWebhook(frame, round.now, null);
    if (!content) return 400;
    const verdict = accepted(content, (number) => signed.get(number), frame.body.length, round);
    return addAccounts(deps, provider, frame, content, verdict, null, round);
  });
}

/** A webhook that names no number, only accounts: it goes to their tenants whose secret signed. */
async function judgeAccounts(deps: JudgeDeps, provider: Provider, frame: WebhookFrame, round: Round): Promise<Verdict> {
  const accountIds = provider.findAccounts?.(frame) ?? [];
  if (accountIds.length === 0) return 404;
  const known = await deps.channelsOfAccounts(provider.name, accountIds);
  if (known.length === 0) return 404;
  const signed = await findTenantAccounts(deps, provider, frame, accountIds, null);
  if (signed.length === 0) return refuseSignature(deps, known[0]!.id);
  const content = provider.readWebhook(frame, round.now, null);
  if (!content) return 400;
  const verdict = accepted(content, () => undefined, frame.body.length, round);
  const { events, costs } = accountEvents(signed, content.accounts ?? [], round.now, round.trace);
  return { ...verdict, events, costs };
}

/** Adds the news of whole accounts. Webhooks without any wait for nothing. */
function addAccounts(
  deps: JudgeDeps,
  provider: Provider,
  frame: WebhookFrame,
  { accounts = [] }: WebhookContent,
  verdict: Accepted,
  addressed: KnownChannel | null,
  round: Round,
): Verdict | Promise<Verdict> {
  if (accounts.length === 0) return verdict;
  const ids = accounts.map(({ accountId }) => accountId);
  return findTenantAccounts(deps, provider, frame, ids, addressed).then((found) => {
    const { events, costs } = accountEvents(found, accounts, round.now, round.trace);
    return { ...verdict, events: [...verdict.events, ...events], costs: [...verdict.costs, ...costs] };
  });
}

/** Calls back with the channels, at once when all are remembered. */
function withChannels(
  deps: JudgeDeps,
  keys: ChannelKey[],
  { deferUnknown }: Round,
  then: (channels: (KnownChannel | null)[]) => Verdict | Promise<Verdict>,
): Verdict | Promise<Verdict> {
  const { directory } = deps;
  const remembered = keys.map((key) => directory.peek(key));
  if (!remembered.includes(undefined)) return then(remembered as (KnownChannel | null)[]);
  if (deferUnknown && keys.some((key, i) => remembered[i] === undefined && !directory.isMet(key))) {
    return FRAME_DEFERRED;
  }
  return directory.findAll(keys).then(then);
}

/** The channels by number whose secret signed the body. */
function signedChannels(provider: Provider, channels: readonly KnownChannel[], frame: WebhookFrame) {
  const proofs = provider.verifyWebhook(
    frame,
    channels.map(({ account }) => account),
  );
  const signed = new Map<string, KnownChannel>();
  for (const [i, channel] of channels.entries()) if (proofs[i]) signed.set(channel.providerId, channel);
  return signed;
}

function refuseSignature(deps: JudgeDeps, channelId: string | null): 401 {
  deps.metrics.badSignatures.inc();
  deps.log.warn({ channelId }, 'a webhook with a wrong or missing signature was refused');
  return 401;
}

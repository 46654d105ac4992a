import { type Database, withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Logger, Sealer } from '@recado/service-kit';
import type { Providers } from '../../providers/index.ts';
import type { Begun, LinkCode, Linking, LinkState } from '../../providers/linking.ts';
import type { Provider, ProviderNumber } from '../../providers/provider.ts';
import type { LinkOrder } from '../../schema.ts';
import { sealCredentials } from '../credentials.ts';
import type { Proof } from '../numbers/prove.ts';
import type { ChannelRow } from '../store.ts';
import { codeEvent } from '../views.ts';
import { type LinkFacts, linkPause, nextLink } from './link-rules.ts';
import { type LinkRow, selectLink, settleOrder, writeCode } from './link-store.ts';

export interface LinkDeps {
  workerDb: Database;
  sealer: Sealer;
  log: Logger;
  config: { RECADO_PUBLIC_URL: string };
}

/** A channel with its driver, ready to be asked. */
export interface LinkedChannel {
  row: LinkRow;
  provider: Provider & { linking: Linking };
  number: ProviderNumber;
}

/** Tries of `stop`, `unlink` and `remove`: with the pauses of linkPause about eight hours. */
const ORDER_TRIES = 100;

/** What the provider says of a link, as it is to be stored. */
export async function askLink(deps: LinkDeps, channel: LinkedChannel, said: LinkState | null): Promise<Proof> {
  const { row } = channel;
  const askedAt = performance.now();
  const beginning = row.linkOrder === 'begin';
  const { state, secrets }: Begun = said
    ? { state: said }
    : beginning
      ? await begin(deps, channel)
      : await look(channel);
  // The provider tells of codes by webhook while an attempt begins.
  const [current = row] = beginning ? await selectLink(deps.workerDb.sql, row.id) : [row];
  const facts: LinkFacts = {
    status: row.status,
    reason: row.lastError,
    phone: row.phone,
    begunMs: row.begunMs,
    tries: row.linkTries,
    beginning,
    hasCode: current.linkCode !== null,
  };
  const step = nextLink(facts, state);
  const unreachable = state.kind === 'unreachable';
  if (step === null) {
    return { status: 'error', reason: unreachable ? state.reason : null, responseMs: null, unreachable: true };
  }
  return {
    status: step.status,
    reason: step.reason,
    responseMs: unreachable || said !== null ? null : Math.round(performance.now() - askedAt),
    link: { step, credentials: secrets ? sealCredentials(deps.sealer, row.id, secrets) : null },
  };
}

async function begin({ config }: LinkDeps, { row, provider, number }: LinkedChannel): Promise<Begun> {
  const { linking } = provider;
  const path = linking.webhookPath(row.id, number.account);
  const begun = await linking.begin(number, {
    webhookUrl: config.RECADO_PUBLIC_URL.replace(/\/+$/, '') + path,
    pairWith: row.linkPairWith,
  });
  // One that was linked already does not say which phone it is.
  const isUnnamed = begun.state.kind === 'linked' && begun.state.phone.phone === null;
  return isUnnamed ? { ...begun, state: await linking.state(number) } : begun;
}

const look = async ({ provider, number }: LinkedChannel): Promise<Begun> => ({
  state: await provider.linking.state(number),
});

/**
 * Keeps a code that the provider tells once, and leaves the rest to who carries out the order.
 * False when the order is carried out by now.
 */
export function keepCode(db: Database, row: LinkRow, code: LinkCode, now: Date): Promise<boolean> {
  return withWorker(db, async (tx) => {
    const channel = await writeCode(tx, row, code);
    if (channel) await enqueue(tx, codeEvent(channel, code, now));
    return channel !== null;
  });
}

/** What is to be done at the provider, of one that links phones. */
export const orderFor = (
  { providers }: { providers: Providers },
  { provider }: Pick<ChannelRow, 'provider'>,
  order: LinkOrder,
): LinkOrder | null => (providers.get(provider)?.linking ? order : null);

/** Tells the provider what was ordered; what it could not be told is told again later. */
export async function carryOut({ workerDb, log }: LinkDeps, { row, provider, number }: LinkedChannel): Promise<void> {
  const order = row.linkOrder as 'stop' | 'unlink' | 'remove';
  const failure = await provider.linking[order](number);
  const done = failure === null || row.linkTries >= ORDER_TRIES;
  if (failure !== null) {
    const { id: channelId, tenantId } = row;
    log.warn({ channelId, tenantId, order, reason: failure, givenUp: done }, 'a provider could not be told');
  }
  await settleOrder(workerDb.sql, row, { done, pauseMs: linkPause(row.linkTries) });
}

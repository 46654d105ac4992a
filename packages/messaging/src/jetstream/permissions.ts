import {
  ALL_EVENTS,
  channelCode,
  channelStatus,
  type EventContract,
  messageCreated,
  notificationCreated,
  type ServiceName,
  sessionRevoked,
} from '@recado/contracts';
import { DURABLES } from './durables.ts';
import { healthRights } from './store-check.ts';
import { inboxPrefixOf, PUBLISHERS, streamName } from './streams.ts';

/**
 * What each service follows live, without a durable: it may read the whole streams of these events.
 */
export const FOLLOWS: Partial<Record<ServiceName, readonly EventContract[]>> = {
  gateway: [messageCreated, channelStatus, channelCode, notificationCreated, sessionRevoked],
};

/**
 * @throws Error when DURABLES lacks a contract's event: with rights of its own the service could
 * not make the durable
 */
export function assertMayConsume(service: ServiceName, event: EventContract): void {
  if (!ALL_EVENTS.includes(event) || DURABLES.some((one) => one.service === service && one.event === event)) return;
  const list = 'packages/messaging/src/jetstream/durables.ts';
  throw new Error(`${service} may not consume ${event.type}: add it to DURABLES in ${list}`);
}

/** What a NATS user may do; everything else is refused. */
export interface Permissions {
  publish: string[];
  subscribe: string[];
}

/**
 * What a service needs: its subjects and stream, its durables on other streams, its inbox. The
 * subject that makes a durable names its filter, so it cannot be wider than the event.
 */
export function permissionsOf(service: ServiceName): Permissions {
  const own = PUBLISHERS.includes(service as never) ? streamRights(streamName(service), `recado.${service}.>`) : [];
  const words = [`recado.relay.${service}.>`, `recado.cache.${service}.>`];
  const followed = [...new Set((FOLLOWS[service] ?? []).map((event) => streamName(event.service)))];
  const publish = [
    ...own,
    ...words,
    ...healthRights(service),
    ...DURABLES.filter((one) => one.service === service).flatMap(({ event, name }) => durableRights(event, name)),
    ...followed.flatMap(followRights),
  ];
  return { publish: [...new Set(publish)], subscribe: [`${inboxPrefixOf(service)}.>`, ...words] };
}

const api = (call: string): string => `$JS.API.${call}`;

function streamRights(stream: string, subjects: string): string[] {
  const calls = ['INFO', 'CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.GET'].map((call) =>
    api(`STREAM.${call}.${stream}`),
  );
  return [subjects, ...calls, api(`CONSUMER.LIST.${stream}`), api(`CONSUMER.INFO.${stream}.*`)];
}

function durableRights({ service, filter }: EventContract, durable: string): string[] {
  const stream = streamName(service);
  return [
    api(`STREAM.INFO.${stream}`),
    ...['INFO', 'DELETE', 'MSG.NEXT'].map((call) => api(`CONSUMER.${call}.${stream}.${durable}`)),
    api(`CONSUMER.CREATE.${stream}.${durable}.${filter}`),
    `$JS.ACK.${stream}.${durable}.>`,
    // The form of newer servers, with domain and account in front.
    `$JS.ACK.*.*.${stream}.${durable}.>`,
  ];
}

/** Consumers without a name, which the server removes by itself. They need no acknowledgement. */
const followRights = (stream: string): string[] => [
  api(`STREAM.INFO.${stream}`),
  api(`STREAM.MSG.GET.${stream}`),
  api(`CONSUMER.CREATE.${stream}`),
  api(`CONSUMER.MSG.NEXT.${stream}.*`),
];

export { buildAsyncApi } from './asyncapi.ts';
export { type Bus, type BusOptions, connectBus, isDenied, isMissing, StreamMissing } from './bus.ts';
export { type ConsumerOptions, DEFAULT_PAUSES_MS, type EventConsumer, startConsumer } from './consume.ts';
export { claimInbox } from './consume-store.ts';
export { type DeadLetter, type DeadLetterFilter, listDeadLetters, replayDeadLetters } from './dead-letters.ts';
export { DURABLES, type Durable, durableName, durablesOf } from './durables.ts';
export { type FollowedEvent, followEvents } from './follow.ts';
export {
  type Integrator,
  integratorsConfig,
  integratorUser,
  natsAccounts,
} from './nats-accounts.ts';
export { enqueue, type OutgoingEvent } from './outbox.ts';
export { MAX_ENVELOPE_BYTES, PARCEL_EVENTS, type Parcel } from './parcels.ts';
export { FOLLOWS, permissionsOf as natsPermissionsOf } from './permissions.ts';
export { type Relay, type RelayOptions, startRelay } from './relay.ts';
export { NotPublishing } from './relay-ready.ts';
export { createReplayReader, type ReplayReader } from './replay-reader.ts';
export { checkStore, HEALTH_STREAM, healthRights, healthSubject } from './store-check.ts';
export {
  filterWithin,
  KEEP_HOURS,
  NATS_USERS,
  type NatsUser,
  PUBLISHERS,
  REPLAY_HEADER,
  type StreamLimits,
  serviceOfStream,
  streamConfig,
  streamLimits,
  streamName,
} from './streams.ts';
export {
  incarnationOf,
  streamIncarnation,
  type Tail,
  type TailedMessage,
  type TailOptions,
  tailStream,
  waitForStream,
} from './tail.ts';
export type { Delivered, Log, Tx, WorkerSql } from './types.ts';

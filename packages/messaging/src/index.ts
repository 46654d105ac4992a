export { type EventConsumer, startConsumer } from './consumer/consume.ts';
export { DEFAULT_PAUSES_MS } from './consumer/context.ts';
export {
  type DeadLetter,
  type DeadLetterFilter,
  listDeadLetters,
  replayDeadLetters,
} from './consumer/failures/dead-letters.ts';
export { forgetParked } from './consumer/failures/forget-parked.ts';
export type { ConsumerDefinition, ConsumerOptions } from './consumer/options.ts';
export { claimInbox } from './consumer/store.ts';
export { buildAsyncApi } from './jetstream/asyncapi.ts';
export { type Bus, type BusOptions, connectBus, isDenied, isMissing, StreamMissing } from './jetstream/bus.ts';
export { DURABLES, type Durable, durableName, durablesOf } from './jetstream/durables.ts';
export { type FollowedEvent, followEvents } from './jetstream/follow.ts';
export {
  type Integrator,
  integratorsConfig,
  integratorUser,
  natsAccounts,
} from './jetstream/nats-accounts.ts';
export { FOLLOWS, permissionsOf as natsPermissionsOf } from './jetstream/permissions.ts';
export { createReplayReader, type ReplayReader } from './jetstream/replay-reader.ts';
export { checkStore, HEALTH_STREAM, healthRights, healthSubject } from './jetstream/store-check.ts';
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
} from './jetstream/streams.ts';
export {
  generationOf,
  streamGeneration,
  type Tail,
  type TailedMessage,
  type TailOptions,
  tailStream,
  waitForStream,
} from './jetstream/tail.ts';
export { enqueue, type OutgoingEvent } from './outbox/enqueue.ts';
export { type EventBatch, MAX_BATCH_EVENTS, MAX_ENVELOPE_BYTES } from './outbox/event-batch.ts';
export { NotPublishing } from './relay/ready.ts';
export { type Relay, type RelayOptions, startRelay } from './relay/relay.ts';
export type { Delivered, Log, Tx, WorkerSql } from './types.ts';

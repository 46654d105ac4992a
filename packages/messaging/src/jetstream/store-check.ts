import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { streamLimits } from './streams.ts';

/**
 * Holds one small message for each service: the proof that JetStream stores. No consumer reads it.
 */
export const HEALTH_STREAM = 'RECADO_HEALTH';
/** The one subject that a process publishes its check on. */
export const healthSubject = (name: string): string => `recado-health.${name}`;
/**
 * What a NATS user of its own must be allowed to publish so that its check can store, and make the
 * stream.
 */
export const healthRights = (name: string): string[] => [
  healthSubject(name),
  `$JS.API.STREAM.INFO.${HEALTH_STREAM}`,
  `$JS.API.STREAM.CREATE.${HEALTH_STREAM}`,
];
/** A probe gives up sooner; a loaded server that answers in this time still stores. */
const ANSWER_MS = 2000;
/** What the check needs of a bus. */
interface Store {
  js: JetStreamClient;
  jsm: JetStreamManager;
  findStream(stream: string): Promise<StreamInfo | null>;
}

/** The stream itself is tiny; JetStream reserves what it may hold. */
const MAX_BYTES = 1024 * 1024;

/**
 * Publishes a real message and waits for its ack. An open port, or a ping, says nothing of the
 * store behind it.
 * @throws when JetStream is off, refuses, or does not answer in time.
 */
export async function checkStore(bus: Store, name: string): Promise<void> {
  const publish = () => bus.js.publish(healthSubject(name), '', { timeout: ANSWER_MS, retries: 0 });
  try {
    await publish();
  } catch (error) {
    // Missing at the first start and after a lost store. Everything else fails again, and says why.
    if (await bus.findStream(HEALTH_STREAM)) throw error;
    await bus.jsm.streams.add({
      name: HEALTH_STREAM,
      subjects: [healthSubject('>')],
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_msgs_per_subject: 1,
      max_bytes: MAX_BYTES,
      num_replicas: streamLimits().replicas,
    });
    await publish();
  }
}

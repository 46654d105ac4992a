import { type EventContract, envelopeSchema } from '@recado/contracts';
import { z } from 'zod';
import { MAX_BATCH_EVENTS } from '../outbox/event-batch.ts';
import { EVENT_BATCH_TYPE, EVENT_TYPE, REPLAY_HEADER, streamName } from './streams.ts';

export interface AsyncApiInfo {
  title: string;
  version: string;
  description?: string;
  /** `localhost:4222` */
  host?: string;
}

const DEFAULT_INFO: AsyncApiInfo = {
  title: 'Recado events',
  version: '1.0.0',
  description:
    'Every event of the mesh, as CloudEvents 1.0 in JSON over NATS JetStream. A message is one event, or an array of up to ' +
    `${MAX_BATCH_EVENTS} of the same subject in their order. Delivery is at least once: tell repeats by \`id\`. Fields are added, ` +
    'never changed; a breaking change is a new version on a subject of its own.',
  host: 'localhost:4222',
};

/**
 * The AsyncAPI 3.0 document of events: one channel per subject with `{tenantId}`, one message that
 * is an envelope or an array. Keys follow the events' names, so diffs stay small.
 */
export function buildAsyncApi(events: readonly EventContract[], info: AsyncApiInfo = DEFAULT_INFO) {
  const sorted = [...events].sort((a, b) => (a.type < b.type ? -1 : 1));
  const channels: Record<string, object> = {};
  const operations: Record<string, object> = {};
  const messages: Record<string, object> = {};
  const schemas: Record<string, object> = {};
  for (const event of sorted) {
    const key = event.type.replace(/^recado\./, '');
    channels[key] = {
      address: event.subject('{tenantId}'),
      title: event.summary,
      parameters: { tenantId: { description: 'UUID of the tenant; * hears every tenant' } },
      messages: { [key]: { $ref: `#/components/messages/${key}` } },
      tags: [{ name: event.service }],
      'x-nats-stream': streamName(event.service),
    };
    operations[`${event.service}.publish.${event.entity}.${event.verb}.v${event.version}`] = {
      action: 'send',
      channel: { $ref: `#/channels/${key}` },
      summary: event.summary,
      messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
    };
    messages[key] = {
      name: event.type,
      title: event.summary,
      contentType: EVENT_TYPE,
      payload: {
        oneOf: [
          { $ref: `#/components/schemas/${key}` },
          { type: 'array', minItems: 2, maxItems: MAX_BATCH_EVENTS, items: { $ref: `#/components/schemas/${key}` } },
        ],
      },
      headers: {
        type: 'object',
        properties: {
          'Nats-Msg-Id': {
            type: 'string',
            format: 'uuid',
            description: 'Of a single event its id; of several an id of their own. The same when it is published again',
          },
          'Content-Type': { enum: [EVENT_TYPE, EVENT_BATCH_TYPE], description: 'One event, or an array of them' },
          [REPLAY_HEADER]: { const: '1', description: 'Published again after the stream was lost' },
        },
      },
    };
    schemas[key] = envelopeJsonSchema(event);
  }
  const { host, ...head } = info;
  return {
    asyncapi: '3.0.0',
    info: head,
    defaultContentType: 'application/json',
    ...(host ? { servers: { nats: { host, protocol: 'nats' } } } : {}),
    channels,
    operations,
    components: { messages, schemas },
  };
}

function envelopeJsonSchema(event: EventContract): object {
  // Output: what goes over the wire, defaults filled in. Unrepresentable parts (transforms) are
  // left open.
  const { $schema: _, ...schema } = z.toJSONSchema(envelopeSchema(event.data), {
    io: 'output',
    unrepresentable: 'any',
    target: 'draft-7',
  }) as { $schema?: string; properties: Record<string, object> };
  return {
    ...schema,
    properties: {
      ...schema.properties,
      source: { type: 'string', const: `/recado/${event.service}` },
      type: { type: 'string', const: event.type },
    },
  };
}

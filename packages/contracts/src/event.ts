import { z } from 'zod';
import { isoTime, uuid, uuidv7 } from './primitives.ts';

export const SERVICES = [
  'gateway',
  'identity',
  'channel-connector',
  'conversation',
  'ai-responder',
  'scheduler',
  'analytics',
] as const;
export type ServiceName = (typeof SERVICES)[number];

/** An event as data: publishing, parsing and AsyncAPI come from it. */
export interface EventContract<Data extends z.ZodType = z.ZodType> {
  /** `recado.conversation.message.created.v1` */
  type: string;
  service: ServiceName;
  entity: string;
  verb: string;
  version: number;
  data: Data;
  summary: string;
  /** The subject one tenant's event is published on. */
  subject(tenantId: string): string;
  /** The subject filter for the events of every tenant. */
  filter: string;
}

/** CloudEvents 1.0 in JSON, with the tenant and the W3C trace context as extensions. */
export interface Envelope<T = unknown> {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  tenantid: string;
  traceparent?: string;
  datacontenttype: 'application/json';
  data: T;
}

export const envelopeSchema = <D extends z.ZodType>(data: D) =>
  z.object({
    specversion: z.literal('1.0'),
    id: uuid().describe('UUIDv7'),
    source: z.string(),
    type: z.string(),
    time: isoTime(),
    subject: z.string().optional().describe('Id of the entity the event is about'),
    tenantid: uuid(),
    traceparent: z.string().optional(),
    datacontenttype: z.literal('application/json'),
    data,
  });

/**
 * Declares an event by its dotted name `<service>.<entity>.<past-verb>` and version. Version 2 is
 * published beside version 1, on `…<past-verb>.v2`.
 */
export function defineEvent<const D extends z.ZodType>(
  name: `${string}.${string}.${string}`,
  version: number,
  data: D,
  summary: string,
): EventContract<D> {
  const [service, entity, verb] = name.split('.') as [ServiceName, string, string];
  if (!SERVICES.includes(service) || !entity || !verb) throw new Error(`Bad event name ${name}`);
  const suffix = version === 1 ? '' : `.v${version}`;
  const tail = `${entity}.${verb}${suffix}`;
  return {
    type: `recado.${name}.v${version}`,
    service,
    entity,
    verb,
    version,
    data,
    summary,
    subject: (tenantId) => `recado.${service}.${tenantId}.${tail}`,
    filter: `recado.${service}.*.${tail}`,
  };
}

export interface EventInput<T> {
  tenantId: string;
  data: T;
  id?: string;
  /** Id of the entity it is about. */
  subject?: string;
  time?: Date;
  traceparent?: string;
}

/** An event ready for the outbox: its contract's subject and the envelope. */
export interface BuiltEvent<T = unknown> {
  /** NATS subject. */
  subject: string;
  envelope: Envelope<T>;
}

/** Builds the envelope. Data is typed, not parsed again: it is our own. */
export function buildEvent<D extends z.ZodType>(
  contract: EventContract<D>,
  input: EventInput<z.input<D>>,
): BuiltEvent<z.input<D>> {
  const envelope: Envelope<z.input<D>> = {
    specversion: '1.0',
    id: input.id ?? uuidv7(),
    source: `/recado/${contract.service}`,
    type: contract.type,
    time: (input.time ?? new Date()).toISOString(),
    tenantid: input.tenantId,
    datacontenttype: 'application/json',
    data: input.data,
  };
  if (input.subject) envelope.subject = input.subject;
  if (input.traceparent) envelope.traceparent = input.traceparent;
  return { subject: contract.subject(input.tenantId), envelope };
}

export type EventData<C extends EventContract> = z.output<C['data']>;

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildEvent, defineEvent, envelopeSchema } from './event.ts';
import { ALL_EVENTS } from './events/index.ts';
import { uuidv7 } from './primitives.ts';

const greeted = defineEvent('conversation.contact.greeted', 1, z.object({ text: z.string() }), 'Said hello');

describe('an event contract', () => {
  it('names its subject per tenant and the filter over all of them', () => {
    const tenantId = uuidv7();
    expect(greeted.subject(tenantId)).toBe(`recado.conversation.${tenantId}.contact.greeted`);
    expect(greeted.filter).toBe('recado.conversation.*.contact.greeted');
    expect(greeted.type).toBe('recado.conversation.contact.greeted.v1');
  });

  it('publishes a second version beside the first', () => {
    const second = defineEvent('conversation.contact.greeted', 2, z.object({}), 'Said hello again');
    expect(second.filter).toBe('recado.conversation.*.contact.greeted.v2');
  });

  it('refuses a name without an owner among the services', () => {
    expect(() => defineEvent('nobody.contact.greeted', 1, z.object({}), '')).toThrow('Bad event name');
  });

  it('builds an envelope that its own schema accepts', () => {
    const tenantId = uuidv7();
    const { subject, envelope } = buildEvent(greeted, {
      tenantId,
      data: { text: 'hola' },
      subject: 'c1',
      traceparent: '00-a-b-01',
    });
    expect(subject).toBe(greeted.subject(tenantId));
    expect(envelopeSchema(greeted.data).parse(envelope)).toEqual(envelope);
    expect(envelope).toMatchObject({
      specversion: '1.0',
      source: '/recado/conversation',
      tenantid: tenantId,
      data: { text: 'hola' },
    });
  });
});

describe('the mesh', () => {
  it('has no two events of one type or subject', () => {
    expect(new Set(ALL_EVENTS.map((e) => e.type)).size).toBe(ALL_EVENTS.length);
    expect(new Set(ALL_EVENTS.map((e) => e.filter)).size).toBe(ALL_EVENTS.length);
  });

  it('describes every event as JSON Schema', () => {
    for (const event of ALL_EVENTS) {
      expect(z.toJSONSchema(event.data, { io: 'input' }), event.type).toHaveProperty('type', 'object');
      expect(event.summary, event.type).not.toBe('');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { MESSAGE_TYPES } from './internal/conversation.ts';
import { type LineWords, lineOf } from './message-lines.ts';

/** Words that say their own name. */
const words = new Proxy({} as LineWords, {
  get: (_target, key) => (key === 'order' || key === 'payment' ? (what: unknown) => `${key} ${what}` : String(key)),
});
type Message = Parameters<typeof lineOf>[0];

describe('the line of a message', () => {
  it("is the writer's words when there are some", () => {
    for (const type of MESSAGE_TYPES) expect(lineOf({ type, content: 'Hola' }, words)).toBe('Hola');
  });

  it('stands for every kind without words, also without details', () => {
    for (const type of MESSAGE_TYPES.filter((one) => one !== 'text')) {
      expect(lineOf({ type, content: '' }, words)).not.toBe('');
    }
    expect(lineOf({ type: 'text', content: '' }, words)).toBe('');
  });

  it.each<[string, Omit<Message, 'content'>]>([
    ['voice', { type: 'audio', details: { media: { voice: true } } }],
    ['audio', { type: 'audio', details: { media: { voice: false } } }],
    ['location (1.5, -2)', { type: 'location', details: { location: { latitude: 1.5, longitude: -2 } } }],
    ['order 2', { type: 'order', details: { order: { products: [{}, {}] } } }],
    ['order null', { type: 'order' }],
    ['order 3', { type: 'order', details: { order: { products: [], count: 3 } } }],
    ['A, B', { type: 'interactive', details: { poll: { selected: ['A', 'B'] } } }],
    ['voteRemoved', { type: 'interactive', details: { poll: { selected: [] } } }],
    ['poll', { type: 'interactive', details: { poll: {} } }],
    ['event', { type: 'text', details: { event: {} } }],
    ['invite: Neighbours', { type: 'text', details: { invite: { kind: 'group', name: 'Neighbours' } } }],
    ['product', { type: 'text', details: { product: {} } }],
    [
      'payment 10.5 BRL (captured)',
      { type: 'text', details: { payment: { amount: 10.5, currency: 'BRL', status: 'captured' } } },
    ],
    ['payment null', { type: 'text', details: { payment: {} } }],
    ['Yes', { type: 'interactive', details: { choices: [{ title: 'Yes' }] } }],
    ['callsAllowed', { type: 'interactive', details: { callPermission: { answer: 'accept' } } }],
    ['callsRefused', { type: 'interactive', details: { callPermission: { answer: 'reject' } } }],
    ['form', { type: 'interactive', details: { form: { answers: {} } } }],
    ['choice', { type: 'button', details: { choice: { id: 'x' } } }],
    ['deleted', { type: 'system', details: { change: { kind: 'deleted', providerMessageId: 'w' } } }],
    ['welcome', { type: 'system', details: { system: { kind: 'request_welcome' } } }],
    ['system', { type: 'system', details: { system: { kind: 'user_changed_number' } } }],
    ['unsupported (hologram)', { type: 'unsupported', details: { unsupported: { kind: 'hologram' } } }],
    ['unsupported', { type: 'unsupported', details: { unsupported: { kind: 'unknown' } } }],
  ])('is %s', (line, message) => {
    expect(lineOf({ ...message, content: '' }, words)).toBe(line);
  });
});

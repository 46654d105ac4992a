import { createLogger } from '@recado/service-kit';
import { expect, it } from 'vitest';
import { dialects } from '../dialects.ts';
import type { Client, RealtimeSession } from '../types.ts';
import { createClientEvents, NO_ROOMS } from './session-life.ts';

/** A client of an edition that may see nothing, what it was sent and why it was cut off. */
function connect(edition: 'inbox' | 'crm') {
  const sent: [name: string, payload: Record<string, unknown>][] = [];
  const closed: string[] = [];
  const send: RealtimeSession['send'] = (name, payload) => void sent.push([name, payload]);
  const session = { edition, send, close: (reason) => void closed.push(reason) } as RealtimeSession;
  const client: Client = { session, send, ...NO_ROOMS };
  const log = createLogger({ name: 'test', level: 'silent' });
  return { sent, closed, say: createClientEvents(client, dialects[edition], log) };
}

it.each([
  ['inbox', 'nothing', 'O evento não existe'],
  ['inbox', 'constructor', 'O evento não existe'],
  ['crm', 'conversation:join', 'El evento no existe'],
] as const)(
  'a client of %s that sends %s, which is no event there, is answered an error',
  async (edition, name, message) => {
    const { sent, say } = connect(edition);
    await say(name, {});
    expect(sent).toEqual([['error', { message, code: 'not_found', event: name }]]);
  },
);

it('an error repeats 64 characters of a long name', async () => {
  const { sent, say } = connect('inbox');
  await say('x'.repeat(1000), {});
  expect(sent[0]![1].event).toBe('x'.repeat(64));
});

it('a client that sends 100 events at once is cut off', async () => {
  const { closed, say } = connect('inbox');
  for (let i = 0; i < 100; i++) await say('ping', {});
  expect(new Set(closed)).toEqual(new Set(['too_many_events']));
});

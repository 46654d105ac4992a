import { uuidv7 } from '@recado/contracts';
import { expect, it } from 'vitest';
import type { Client, RealtimeSession } from '../../realtime/types.ts';
import { realtime } from './realtime.ts';

/** A client that may see one conversation, and what came of its `conversation:join`. */
async function join(visible: string, asked: string) {
  const joined: string[] = [];
  const sent: string[] = [];
  const client: Client = {
    session: {} as RealtimeSession,
    send: (name) => void sent.push(name),
    maySee: async (id) => id === visible,
    join: (id) => void joined.push(id),
    leave: () => undefined,
  };
  // A refusal may be sent or thrown: the server turns the second into the first.
  await Promise.resolve(realtime.clientEvents?.['conversation:join']?.(client, asked)).catch(() => sent.push('error'));
  return { joined, sent };
}

it('joins a conversation that the client may see', async () => {
  const id = uuidv7();
  expect(await join(id, id)).toEqual({ joined: [id], sent: ['conversation:joined'] });
});

it('refuses to join a conversation that the client may not see', async () => {
  expect(await join(uuidv7(), uuidv7())).toEqual({ joined: [], sent: ['error'] });
});

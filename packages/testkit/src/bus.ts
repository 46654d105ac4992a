import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { inject } from 'vitest';
import { workerNumber } from './context.ts';

let made: Promise<{ url: string }> | null = null;

/** The next file of this worker gets an empty one. */
export const forgetBus = (): void => {
  made = null;
};

/**
 * NATS with JetStream for this test file: an account of this worker's own, emptied of streams at
 * the first call in the file. Further calls in the same file return the same and wipe nothing.
 */
export function testBus(): Promise<{ url: string }> {
  made ??= (async () => {
    const { natsUrl, natsAccounts } = inject('recado');
    const url = new URL(natsUrl);
    if (natsAccounts) {
      url.username = `w${workerNumber()}`;
      url.password = `w${workerNumber()}`;
    }
    await wipeStreams(url.href);
    return { url: url.href };
  })();
  return made;
}

/** Deletes every stream of the account the URL logs in to. */
export async function wipeStreams(url: string): Promise<void> {
  const { host, username, password } = new URL(url);
  const login = username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {};
  const nc = await connect({ servers: host, ...login });
  try {
    const jsm = await jetstreamManager(nc);
    const names: string[] = [];
    for await (const name of jsm.streams.names()) names.push(name);
    for (const name of names) await jsm.streams.delete(name);
  } finally {
    await nc.close();
  }
}

import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { holdUnknown } from '../changes/store.ts';
import { changedEvent } from '../messages/changed-event.ts';
import { detailsOf } from '../messages/details.ts';
import { findStored, type ProviderKey, providerKey, type StoredMessage } from '../messages/store.ts';
import { joinByIndex } from '../plans.ts';
import { eraseSentFiles, type FileNews, keepWaiting, takeWaiting, writeFiles } from './store.ts';

/** Shows on messages what became of their files. One whose message is unknown waits for it. */
export async function applyFiles(tx: Tx, news: readonly FileNews[]): Promise<void> {
  joinByIndex(tx);
  const latest = [...new Map(news.map((one) => [providerKey(one), one])).values()];
  await writeAndTell(tx, latest);
  const known = new Set((await findStored(tx, latest)).map(providerKey));
  const unknown = latest.filter((one) => !known.has(providerKey(one)));
  if (unknown.length === 0) return;
  await keepWaiting(tx, unknown);
  // A copy that stores such a message now waits for our commit, and then finds what waits.
  if (await holdUnknown(tx, unknown)) await applyWaiting(tx, unknown);
}

/** Gives messages that were just stored the files that came before them. */
export async function applyWaiting(tx: Tx, keys: readonly ProviderKey[]): Promise<void> {
  const known = new Set((await findStored(tx, keys)).map(providerKey));
  const waiting = await takeWaiting(
    tx,
    keys.filter((key) => known.has(providerKey(key))),
  );
  if (waiting.length > 0) await writeAndTell(tx, waiting);
}

/** Shows on the messages that we sent with these files that they are gone. */
export async function applyErased(tx: Tx, files: readonly { tenantId: string; fileId: string }[]): Promise<void> {
  await tell(tx, await eraseSentFiles(tx, files));
}

const writeAndTell = async (tx: Tx, news: readonly FileNews[]): Promise<void> => tell(tx, await writeFiles(tx, news));

async function tell(tx: Tx, changed: readonly StoredMessage[]): Promise<void> {
  const at = new Date().toISOString();
  const shown = changed.filter(({ details }) => details?.media);
  await enqueue(
    tx,
    shown.map((message) => changedEvent(message, at, detailsOf(message))),
  );
}

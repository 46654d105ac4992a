import type { Envelope, EventData, messageReceived } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { OutgoingEvent } from '@recado/messaging';
import { nameByType, safeName } from '../rules/names.ts';
import { insertFetching } from '../store.ts';
import { fetchJob } from './fetch-job.ts';

type Received = EventData<typeof messageReceived>;

/** Whether an event is of a message whose file is to be fetched. */
export const carriesFile = ({ envelope }: OutgoingEvent): boolean => {
  const { details } = envelope.data as Partial<Received>;
  return details !== undefined && details !== null && 'media' in details && details.media?.fileId !== undefined;
};

/** Orders the fetches of received files, each once for its message. */
export async function orderFetches(tx: Tx, envelopes: readonly Envelope[]): Promise<void> {
  if (envelopes.length === 0) return;
  const rows = envelopes.map(({ tenantid: tenantId, data }) => {
    const { channelId, providerMessageId, type, details } = data as Received;
    const media = details!.media!;
    const claimed = media.type?.split(';', 1)[0] ?? 'application/octet-stream';
    const name = media.fileName ? safeName(media.fileName) : nameByType(type, claimed);
    return { tenantId, id: media.fileId!, name, type: claimed, channelId, providerMessageId, media };
  });
  const fresh = await insertFetching(tx, rows);
  await enqueueJobs(
    tx,
    fetchJob,
    fresh.map(({ tenantId, id }) => ({ tenantId, data: { fileId: id }, key: id })),
  );
}

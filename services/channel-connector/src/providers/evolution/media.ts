import { pipeline } from 'node:stream';
import type { Dispatcher } from 'undici';
import {
  bytesOfBase64,
  type FetchedMedia,
  failureOfServer,
  openCall,
  unreachable,
  type WantedMedia,
} from '../media.ts';
import type { EvolutionAccount } from './account.ts';

/** Asks the tenant's server, which asks WhatsApp and decrypts. */
export async function fetchEvolutionMedia(
  dispatcher: Dispatcher,
  { server, instanceName, apiKey }: EvolutionAccount,
  { providerMessageId, type }: WantedMedia,
): Promise<FetchedMedia> {
  const url = `${server.origin}${server.prefix}/chat/getBase64FromMediaMessage/${encodeURIComponent(instanceName)}`;
  const answer = await openCall(dispatcher, url, {
    method: 'POST',
    headers: { apikey: apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ message: { key: { id: providerMessageId } }, convertToMp4: false }),
  });
  if (answer.status === null) return unreachable(answer.reason);
  if (answer.status >= 300) return failureOfServer(answer, 'The Evolution server');
  return { kind: 'ok', body: pipeline(answer.body, bytesOfBase64(), () => undefined), type };
}

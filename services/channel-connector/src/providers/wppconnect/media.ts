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
import type { WppconnectAccount } from './account.ts';

/** Asks the tenant's browser for the file of a message, by the whole id that its event had. */
export async function fetchWppconnectMedia(
  dispatcher: Dispatcher,
  { server, sessionName, token }: WppconnectAccount,
  { id, providerMessageId, type }: WantedMedia,
): Promise<FetchedMedia> {
  const session = encodeURIComponent(sessionName);
  const message = encodeURIComponent(id ?? providerMessageId);
  const url = `${server.origin}${server.prefix}/api/${session}/get-media-by-message/${message}`;
  const answer = await openCall(dispatcher, url, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status === null) return unreachable(answer.reason);
  if (answer.status >= 300) return failureOfServer(answer, 'The WPPConnect server');
  return { kind: 'ok', body: pipeline(answer.body, bytesOfBase64(), () => undefined), type };
}

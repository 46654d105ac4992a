import { setTimeout as pause } from 'node:timers/promises';
import { CHANNEL_REASONS, channelReason } from '@recado/contracts';
import type { Dispatcher } from 'undici';
import type { BeginOptions, Begun, Ended, LinkCode, LinkState } from '../linking.ts';
import { type Answer, askServer, dispatcherFor } from '../own-server.ts';
import { qrImage } from '../qr-image.ts';
import { objectOf, phoneOf, textOf } from '../web-message.ts';
import type { WppconnectAccount } from './account.ts';
import { target } from './client.ts';
import { SERVER, WPPCONNECT_ERRORS } from './errors.ts';

/** WhatsApp replaces a code after 20 seconds, the first after 60. */
const CODE_LIFE_MS = 25_000;
/** A browser takes some seconds to start. The first code comes later as an event. */
const CODE_WAIT_MS = 2_500;
const CODE_LOOK_MS = 100;

interface Asking {
  dispatcher: Dispatcher;
}

const BAD_TOKEN: LinkState = { kind: 'refused', reason: WPPCONNECT_ERRORS.bad_token!.reason };

/** Starts the session with our webhook. A session takes its webhook only when it starts. */
export async function beginLink(asking: Asking, given: WppconnectAccount, options: BeginOptions): Promise<Begun> {
  const account = await withToken(asking, given);
  if ('state' in account) return account;
  const before = await linkState(asking, account);
  if (before.kind === 'refused' || before.kind === 'unreachable') return { state: before };
  const secrets = { ...account.kept, started: true };
  if (account.started && before.kind === 'linked') return { state: before, secrets };
  // The phone stays linked, so it comes back without a scan. A session that is not there is fine.
  const closed = await ask(asking, account, 'POST', 'close-session');
  if ('failed' in closed) return { state: unreachable(closed.failed) };
  const body = { webhook: options.webhookUrl, waitQrCode: false, ...phoneFor(options) };
  const trouble = troubleOf(await ask(asking, account, 'POST', 'start-session', body));
  return trouble ? { state: trouble } : { state: await firstState(asking, account), secrets };
}

const phoneFor = ({ pairWith }: BeginOptions) => (pairWith ? { phone: pairWith.replace(/\D/g, '') } : {});

/** The account with a token of its session; made with the secret key when there is none. */
async function withToken(asking: Asking, account: WppconnectAccount): Promise<WppconnectAccount | Begun> {
  if (account.token !== '' || account.secretKey === null) return account;
  const { origin, path } = target(account, `${encodeURIComponent(account.secretKey)}/generate-token`);
  const answer = await askServer(dispatcherFor(asking, account), { origin, path, method: 'POST', headers: {} });
  if ('failed' in answer) return { state: unreachable(answer.failed) };
  const token = textOf(objectOf(answer.body).token);
  if (answer.status >= 500) return { state: unreachable(`HTTP ${answer.status}`) };
  if (token === undefined) {
    return { state: { kind: 'refused', reason: channelReason('server_secret', SERVER) } };
  }
  return { ...account, token, kept: { ...account.kept, token } };
}

async function firstState(asking: Asking, account: WppconnectAccount): Promise<LinkState> {
  for (let waited = 0; waited < CODE_WAIT_MS; waited += CODE_LOOK_MS) {
    const state = await linkState(asking, account);
    if ((state.kind !== 'pending' || state.keepsCode) && state.kind !== 'closed') return state;
    await pause(CODE_LOOK_MS);
  }
  return { kind: 'pending' };
}

/** `status-session` goes on saying CONNECTED without WhatsApp, so the connection is asked too. */
export async function linkState(asking: Asking, account: WppconnectAccount): Promise<LinkState> {
  const answer = await ask(asking, account, 'GET', 'status-session');
  const trouble = troubleOf(answer);
  if (trouble) return trouble;
  const body = objectOf('body' in answer ? answer.body : null);
  switch (body.status) {
    case 'QRCODE': {
      const code = await codeOf(body.qrcode, body.urlcode);
      return code ? { kind: 'code', code } : { kind: 'pending' };
    }
    case 'INITIALIZING':
      return { kind: 'pending' };
    // The code to type comes as an event alone.
    case 'PHONECODE':
      return { kind: 'pending', keepsCode: true };
    case 'CONNECTED':
      return readLinked(asking, account);
    default:
      return { kind: 'closed', reason: CHANNEL_REASONS.scan, resumable: true };
  }
}

async function readLinked(asking: Asking, account: WppconnectAccount): Promise<LinkState> {
  const answer = await ask(asking, account, 'GET', 'check-connection-session');
  const trouble = troubleOf(answer);
  if (trouble) return trouble;
  if (objectOf('body' in answer ? answer.body : null).status !== true) {
    return { kind: 'closed', reason: CHANNEL_REASONS.scan, resumable: true };
  }
  const asked = await ask(asking, account, 'GET', 'get-phone-number');
  const { response } = objectOf('body' in asked ? asked.body : null);
  const phone = phoneOf(textOf(response) ?? objectOf(response)._serialized);
  return { kind: 'linked', phone: { phone, name: null, pictureUrl: null } };
}

async function codeOf(image: unknown, urlcode: unknown): Promise<LinkCode | null> {
  const qr = await qrImage(textOf(image), textOf(urlcode));
  return qr === null ? null : { qr, pairingCode: null, lifeMs: CODE_LIFE_MS };
}

/** The code of a `phoneCode` event; it holds for as long as WhatsApp says on the phone. */
export function pairingCodeOf(code: unknown): LinkCode | null {
  const pairingCode = textOf(code)?.slice(0, 20);
  return pairingCode ? { qr: null, pairingCode, lifeMs: 60_000 } : null;
}

/** Closes the browser; a linked phone stays linked. */
export const stopSession = async (asking: Asking, account: WppconnectAccount): Promise<Ended> =>
  endOf(await ask(asking, account, 'POST', 'close-session'));

/** Logs the phone out, which takes a session that works, and closes the browser. */
export async function unlink(asking: Asking, account: WppconnectAccount): Promise<Ended> {
  const failed = endOf(await ask(asking, account, 'POST', 'logout-session'));
  return failed ?? stopSession(asking, account);
}

/** A session that is not there answers 404 or 500, and a bad token cannot be mended. */
function endOf(answer: Answer): Ended {
  return 'failed' in answer ? answer.failed : null;
}

const unreachable = (why: string): Extract<LinkState, { kind: 'unreachable' }> => ({
  kind: 'unreachable',
  reason: channelReason('server_away', SERVER, why),
});

function troubleOf(answer: Answer): LinkState | null {
  if ('failed' in answer) return unreachable(answer.failed);
  if (answer.status === 401) return BAD_TOKEN;
  if (answer.status < 300) return null;
  const reason = channelReason('server_status', { ...SERVER, status: answer.status });
  return { kind: answer.status >= 500 ? 'unreachable' : 'refused', reason };
}

function ask(
  asking: Asking,
  account: WppconnectAccount,
  method: 'GET' | 'POST',
  route: string,
  body?: object,
): Promise<Answer> {
  return askServer(dispatcherFor(asking, account), {
    ...target(account, route),
    method,
    headers: { authorization: `Bearer ${account.token}` },
    ...(body ? { body } : {}),
  });
}

import { CHANNEL_REASONS, channelReason } from '@recado/contracts';
import type { Dispatcher } from 'undici';
import { readableError } from '../errors.ts';
import type { BeginOptions, Begun, Ended, LinkCode, LinkedPhone, LinkState } from '../linking.ts';
import { type Answer, askServer, dispatcherFor } from '../own-server.ts';
import { qrImage } from '../qr-image.ts';
import { isObject, type Json, objectOf, phoneOf, textOf } from '../web-message.ts';
import type { EvolutionAccount } from './account.ts';
import { refusalOf, target } from './client.ts';
import { EVOLUTION_ERRORS, SERVER } from './errors.ts';

/** Evolution replaces a code after 20 to 60 seconds, by version. */
const CODE_LIFE_MS = 45_000;
/** `create` and `connect` wait for the first code themselves. */
const CODE_TIMEOUT_MS = 10_000;

const EVENTS = [
  'QRCODE_UPDATED',
  'CONNECTION_UPDATE',
  'STATUS_INSTANCE',
  'LOGOUT_INSTANCE',
  'REMOVE_INSTANCE',
  'MESSAGES_UPSERT',
  'MESSAGES_EDITED',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'SEND_MESSAGE',
  'GROUPS_UPSERT',
  'GROUP_UPDATE',
  'GROUP_PARTICIPANTS_UPDATE',
  'CALL',
];

interface Asking {
  dispatcher: Dispatcher;
}

/** Makes the instance when the server lacks it, registers the webhook and asks for a code. */
export async function beginLink(asking: Asking, account: EvolutionAccount, options: BeginOptions): Promise<Begun> {
  const before = await readState(asking, account);
  if (before.kind === 'missing') return createInstance(asking, account, options);
  if (before.kind === 'unreachable' || before.kind === 'refused') return { state: before };
  const set = await ask(asking, account, 'POST', 'webhook/set', { body: { webhook: webhookOf(options) } });
  const refused = troubleOf(set);
  if (refused) return { state: refused };
  if (before.kind === 'linked') return { state: before };
  const query = options.pairWith ? `?number=${digitsOf(options.pairWith)}` : '';
  return { state: await readCode(await ask(asking, account, 'GET', 'instance/connect', { query })) };
}

async function createInstance(asking: Asking, account: EvolutionAccount, options: BeginOptions): Promise<Begun> {
  const { instanceName, server, apiKey } = account;
  const answer = await askServer(dispatcherFor(asking, account), {
    origin: server.origin,
    path: `${server.prefix}/instance/create`,
    method: 'POST',
    headers: { apikey: server.host?.key ?? apiKey },
    body: {
      instanceName,
      integration: 'WHATSAPP-BAILEYS',
      qrcode: true,
      // On our own server each instance has a token, and the server's key stays with the operator.
      ...(server.host ? { token: apiKey } : {}),
      ...(options.pairWith ? { number: digitsOf(options.pairWith) } : {}),
      webhook: webhookOf(options),
    },
    timeoutMs: CODE_TIMEOUT_MS,
  });
  // Only the server's key makes instances: with a token the instance is simply not there.
  if ('status' in answer && answer.status === 401) {
    return { state: { kind: 'refused', reason: EVOLUTION_ERRORS.instance_not_found!.reason } };
  }
  const trouble = troubleOf(answer);
  if (trouble) return { state: trouble };
  const state = await readCode({ status: 200, body: 'body' in answer ? objectOf(answer.body).qrcode : null });
  return { state, secrets: { ...account.kept, made: true } };
}

/** The state of the instance; of one with a code under way also the code. */
export async function linkState(asking: Asking, account: EvolutionAccount): Promise<LinkState> {
  const state = await readState(asking, account);
  if (state.kind === 'missing') return { kind: 'refused', reason: EVOLUTION_ERRORS.instance_not_found!.reason };
  if (state.kind === 'linked') return { kind: 'linked', phone: await readPhone(asking, account) };
  if (state.kind !== 'pending') return state;
  // While it connects this starts nothing new.
  return readCode(await ask(asking, account, 'GET', 'instance/connect'));
}

async function readState(asking: Asking, account: EvolutionAccount): Promise<LinkState | { kind: 'missing' }> {
  const answer = await ask(asking, account, 'GET', 'instance/connectionState');
  if ('status' in answer && refusalOf(answer.status, answer.body)?.code === 'instance_not_found') {
    return { kind: 'missing' };
  }
  const trouble = troubleOf(answer);
  if (trouble) return trouble;
  const instance = objectOf(objectOf('body' in answer ? answer.body : null).instance);
  // Another server's answer proves nothing.
  if (instance.instanceName !== account.instanceName) {
    return { kind: 'refused', reason: channelReason('server_other', SERVER) };
  }
  if (instance.state === 'open') return { kind: 'linked', phone: { phone: null, name: null, pictureUrl: null } };
  if (instance.state === 'connecting') return { kind: 'pending' };
  return { kind: 'closed', reason: CHANNEL_REASONS.scan };
}

async function readPhone(asking: Asking, account: EvolutionAccount): Promise<LinkedPhone> {
  const { instanceName, server, apiKey } = account;
  const answer = await askServer(dispatcherFor(asking, account), {
    origin: server.origin,
    path: `${server.prefix}/instance/fetchInstances?instanceName=${encodeURIComponent(instanceName)}`,
    method: 'GET',
    headers: { apikey: apiKey },
  });
  const rows = 'body' in answer && Array.isArray(answer.body) ? answer.body.filter(isObject) : [];
  const row = rows.find(({ name }) => name === instanceName) ?? {};
  return {
    phone: phoneOf(row.ownerJid),
    name: textOf(row.profileName) ?? null,
    pictureUrl: textOf(row.profilePicUrl) ?? null,
  };
}

/** What `connect` and `create` tell: a code, `{count: 0}` before the first one, or the state. */
async function readCode(answer: Answer): Promise<LinkState> {
  const trouble = troubleOf(answer);
  if (trouble) return trouble;
  const body = objectOf('body' in answer ? answer.body : null);
  if (objectOf(body.instance).state === 'open') {
    return { kind: 'linked', phone: { phone: null, name: null, pictureUrl: null } };
  }
  const code = await codeOf(body);
  return code ? { kind: 'code', code } : { kind: 'pending' };
}

/** A code of an answer or an event. */
export async function codeOf({ base64, code, pairingCode }: Json): Promise<LinkCode | null> {
  const qr = await qrImage(textOf(base64), textOf(code));
  const pairing = textOf(pairingCode)?.slice(0, 20) ?? null;
  return qr === null && pairing === null ? null : { qr, pairingCode: pairing, lifeMs: CODE_LIFE_MS };
}

/** A closed instance cannot be logged out, and one that is gone needs it no more. */
export const unlink = async (asking: Asking, account: EvolutionAccount): Promise<Ended> =>
  endOf(await ask(asking, account, 'DELETE', 'instance/logout'), [400, 404]);

/** Deletes an instance that Recado made. Another one only loses our webhook. */
export async function removeInstance(asking: Asking, account: EvolutionAccount): Promise<Ended> {
  if (account.made || account.server.host) {
    return endOf(await ask(asking, account, 'DELETE', 'instance/delete'), [400, 404]);
  }
  const webhook = { enabled: false, url: 'https://localhost', events: [] };
  return endOf(await ask(asking, account, 'POST', 'webhook/set', { body: { webhook } }), [404]);
}

function endOf(answer: Answer, alsoDone: number[]): Ended {
  if ('failed' in answer) return answer.failed;
  const { status } = answer;
  // A key that is not good any more cannot be mended by trying again.
  if (status < 300 || status === 401 || status === 403 || alsoDone.includes(status)) return null;
  return `HTTP ${status}`;
}

/** Why an answer is none to work with. */
function troubleOf(answer: Answer): Extract<LinkState, { kind: 'refused' | 'unreachable' }> | null {
  if ('failed' in answer) {
    return { kind: 'unreachable', reason: channelReason('server_away', SERVER, answer.failed) };
  }
  const refusal = refusalOf(answer.status, answer.body);
  if (refusal) {
    return { kind: 'refused', reason: readableError(EVOLUTION_ERRORS, refusal.code, refusal.said).message };
  }
  if (answer.status < 300) return null;
  const kind = answer.status >= 500 ? 'unreachable' : 'refused';
  return { kind, reason: channelReason('server_status', { ...SERVER, status: answer.status }) };
}

function ask(
  asking: Asking,
  account: EvolutionAccount,
  method: 'GET' | 'POST' | 'DELETE',
  route: string,
  { body, query = '' }: { body?: object; query?: string } = {},
): Promise<Answer> {
  const { origin, path } = target(account, route);
  const timeoutMs = route === 'instance/connect' ? CODE_TIMEOUT_MS : undefined;
  return askServer(dispatcherFor(asking, account), {
    origin,
    path: path + query,
    method,
    headers: { apikey: account.apiKey },
    ...(body ? { body } : {}),
    ...(timeoutMs ? { timeoutMs } : {}),
  });
}

/** The secret stands in the URL. Files are fetched by their message's id, so not in the event. */
const webhookOf = ({ webhookUrl }: BeginOptions) => ({
  enabled: true,
  url: webhookUrl,
  byEvents: false,
  base64: false,
  headers: {},
  events: EVENTS,
});

const digitsOf = (phone: string): string => phone.replace(/\D/g, '');

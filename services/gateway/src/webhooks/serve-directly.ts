import type { IncomingMessage, ServerResponse } from 'node:http';
import { TooManyRequests } from '@recado/service-kit';
import type { GatewayDeps } from '../deps.ts';
import type { Edition, WebhookRoute } from '../edge/edition.ts';
import { toEdgeError } from '../edge/errors.ts';
import { requestId } from '../edge/mount.ts';
import { createAddressReader } from '../edge/server/client-address.ts';
import { pathForHost } from '../edge/server/hosts.ts';
import { BODY_LIMIT, JSON_TYPE, proofIn, RECEIVED, RECEIVED_TYPE, refusal, UUID } from './answers.ts';

/** What the path of a webhook says. */
interface Address {
  edition: Edition;
  webhook: WebhookRoute;
  channelId: string | null;
}

/** A webhook that is being read. */
interface Incoming extends Address {
  request: IncomingMessage;
  response: ServerResponse;
  /** The value of the webhook's proof header. */
  proof: string;
  length: number;
  /** Of the sender, for its limits. */
  from: string;
}

const UUID_LENGTH = 36;
const ANSWER = ['content-type', RECEIVED_TYPE, 'content-length', String(RECEIVED.length)];

export interface DirectWebhooks {
  /** Whether the request was an ordinary webhook, which is answered here. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** From now on all go to Fastify, which has the words for a closing server. */
  stop(): void;
}

/**
 * Serves ordinary webhooks (README.md) before Fastify, whose hooks and parsers cost more than the
 * rest. mount.ts serves the others on the same paths.
 */
export function createDirectWebhooks(editions: readonly Edition[], deps: GatewayDeps): DirectWebhooks {
  const { uploads } = deps;
  const { collector, counters } = deps.webhooks;
  const addressOf = createAddresses(editions);
  const readAddress = createAddressReader(deps.config.trustedProxies);
  /**
   * Read in the next turn: by then the body of nearly every one is here, and no stream has to flow.
   */
  let unread: Incoming[] = [];
  let closing = false;

  function take(request: IncomingMessage, response: ServerResponse): boolean {
    // While closing Fastify has the words for it.
    if (request.method !== 'POST' || closing) return false;
    const { headers } = request;
    const address = addressOf(pathForHost(deps.config.hosts, headers.host, request.url!));
    if (address === null) return false;
    const proof = proofIn(headers, request.url!, address.webhook.proof);
    const length = lengthOf(headers['content-length']);
    if (proof === null || length === null || headers['transfer-encoding'] !== undefined) return false;
    const type = headers['content-type'];
    if (type !== 'application/json' && (type === undefined || !JSON_TYPE.test(type))) return false;
    if (unread.length === 0) setImmediate(readAll);
    unread.push({ ...address, request, response, proof, length, from: readAddress(request) });
    return true;
  }

  function readAll(): void {
    const all = unread;
    unread = [];
    for (const one of all) {
      const body = one.request.complete ? (one.request.read() as Buffer | null) : null;
      if (body?.length === one.length) handOn(one, body);
      else readSlowly(one, body);
    }
  }

  /**
   * The body comes in pieces. One that never ends is ended by the server's request timeout, which
   * answers by itself.
   */
  function readSlowly(one: Incoming, first: Buffer | null): void {
    try {
      uploads.begin(one.request, one.from);
    } catch (error) {
      one.response.shouldKeepAlive = false;
      one.request.resume();
      refuse(one.edition, error as Error, one.request, one.response);
      return;
    }
    const pieces: Buffer[] = first === null ? [] : [first];
    one.request
      .on('data', (piece: Buffer) => pieces.push(piece))
      .once('end', () => handOn(one, pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
  }

  function handOn({ edition, webhook, channelId, proof, request, response, from }: Incoming, body: Buffer): void {
    const headers = { [webhook.proof.name]: proof };
    collector.push({ provider: webhook.provider, channelId, headers, body }, from, (result) => {
      if (closing) response.shouldKeepAlive = false;
      if (typeof result === 'number') counters.accepted(result);
      else if (result instanceof TooManyRequests) counters.accepted(result.status);
      if (result === 200) response.writeHead(200, ANSWER).end(RECEIVED);
      else refuse(edition, typeof result === 'number' ? refusal(result) : result, request, response);
    });
  }

  function refuse(edition: Edition, reason: Error, request: IncomingMessage, response: ServerResponse): void {
    const error = toEdgeError(edition, reason);
    const id = requestId(request.headers);
    if (error.status >= 500) {
      const { cause } = reason;
      const why = cause instanceof Error ? `${reason.message}: ${cause.message}` : reason.message;
      deps.log.warn({ reason: why, requestId: id, method: 'POST' }, 'a webhook could not be served');
    }
    const body = JSON.stringify(edition.errorBody(error));
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.setHeader('content-length', Buffer.byteLength(body));
    response.setHeader('x-request-id', id);
    response.setHeader('x-content-type-options', 'nosniff');
    if (error.retryAfter !== null) response.setHeader('retry-after', error.retryAfter);
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    response.writeHead(error.status).end(body);
  }

  return {
    take,
    stop() {
      closing = true;
    },
  };
}

/**
 * Finds what a path addresses; null unless it is exactly a webhook's, without query and escapes.
 */
function createAddresses(editions: readonly Edition[]): (path: string) => Address | null {
  const whole = new Map<string, Address>();
  const prefixes: { prefix: string; edition: Edition; webhook: WebhookRoute }[] = [];
  for (const edition of editions) {
    for (const webhook of edition.webhooks ?? []) {
      const full = edition.prefix + webhook.path;
      if (webhook.channelParam === null) whole.set(full, { edition, webhook, channelId: null });
      else if (full.endsWith(`/:${webhook.channelParam}`))
        prefixes.push({ prefix: full.slice(0, full.lastIndexOf(':')), edition, webhook });
    }
  }
  return (path) => {
    for (const { prefix, edition, webhook } of prefixes) {
      if (path.length !== prefix.length + UUID_LENGTH || !path.startsWith(prefix)) continue;
      const id = path.slice(prefix.length);
      if (UUID.test(id)) return { edition, webhook, channelId: id.toLowerCase() };
    }
    return whole.get(path) ?? null;
  };
}

/** The value of a Content-Length header when it is ordinary: some bytes, within the limit. */
function lengthOf(header: string | undefined): number | null {
  if (header === undefined || header.length > 7) return null;
  const length = Number(header);
  return length >= 1 && length <= BODY_LIMIT ? length : null;
}

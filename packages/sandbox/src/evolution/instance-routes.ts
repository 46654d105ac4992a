import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { uuidFrom } from '../whatsapp-web/ids.ts';
import { disconnect, qrView, startConnecting } from './connection.ts';
import { badRequest, forbidden, notFound, serverError, unauthorized } from './errors.ts';
import { EVENT_NAMES, emitEvent } from './events.ts';
import type { EvolutionWebhook, Instance } from './instances.ts';
import { checkBody, isBody, text } from './validate.ts';

export type EvolutionRoute = (request: FastifyRequest) => Instance;

const INTEGRATIONS = ['WHATSAPP-BAILEYS', 'WHATSAPP-BUSINESS', 'EVOLUTION'];
const LOGGED_OUT = 401;

/** Instances and their webhooks. @param instanceOf checks name and key, in Evolution's order */
export function instanceRoutes(
  parts: SandboxParts,
  app: FastifyInstance,
  globalKey: string,
  instanceOf: EvolutionRoute,
) {
  app.post('/instance/create', async (request, reply) => {
    const body = checkBody(request.body, { instanceName: { type: 'string' }, token: { type: 'string' } });
    const name = text(body.instanceName);
    if (parts.instances.find(name)) throw forbidden(`This name "${name}" is already in use.`);
    if (request.headers.apikey !== globalKey) throw unauthorized();
    if (!INTEGRATIONS.includes(text(body.integration)) || name === '') throw badRequest('Invalid integration');
    const instance = newInstance(parts, body);
    parts.instances.put(instance);
    emitEvent(parts, instance, 'instance.create', { instanceName: name, instanceId: instance.id });
    if (body.qrcode === true) {
      startConnecting(parts, instance, instance.number);
      await waitForQr(parts);
    }
    return reply.status(201).send(createdView(instance, body.qrcode === true));
  });

  app.get('/instance/fetchInstances', async (request) => fetchInstances(parts, request, globalKey));
  app.get('/instance/connectionState/:name', async (request) => stateView(instanceOf(request)));
  app.get('/instance/connect/:name', async (request) => {
    const instance = instanceOf(request);
    if (instance.state === 'open') return stateView(instance);
    if (instance.state === 'close') {
      startConnecting(parts, instance, text((request.query as { number?: string }).number) || null);
      await waitForQr(parts);
    }
    return qrView(instance);
  });
  app.post('/instance/restart/:name', async (request) => {
    const instance = instanceOf(request);
    // Evolution's own slip: the refusal turns into this text, with 200.
    if (instance.state === 'close') return { error: true, message: '[object Object]' };
    const wasOpen = instance.state === 'open';
    startConnecting(parts, instance, instance.pairWith);
    return wasOpen ? stateView(instance) : qrView(instance);
  });
  app.delete('/instance/logout/:name', async (request) => {
    const instance = instanceOf(request);
    if (instance.state === 'close') throw badRequest(`The "${instance.name}" instance is not connected`);
    disconnect(parts, instance, LOGGED_OUT);
    return { status: 'SUCCESS', error: false, response: { message: 'Instance logged out' } };
  });
  app.delete('/instance/delete/:name', async (request) => {
    const instance = instanceOf(request);
    if (instance.state !== 'close') disconnect(parts, instance, LOGGED_OUT);
    emitEvent(parts, instance, 'instance.delete', { instanceName: instance.name, instanceId: instance.id });
    emitEvent(parts, instance, 'remove.instance', null);
    parts.instances.remove(instance.name);
    return { status: 'SUCCESS', error: false, response: { message: 'Instance deleted' } };
  });

  app.post('/webhook/set/:name', async (request, reply) => {
    const instance = instanceOf(request);
    const { webhook } = checkBody(request.body, { webhook: { type: 'object', required: true } });
    instance.webhook = readWebhook(webhook);
    parts.instances.put(instance);
    return reply.status(201).send(webhookView(instance));
  });
  app.get('/webhook/find/:name', async (request) => webhookView(instanceOf(request)));
}

/** `connect` and `create` answer after a while, whether the first code is there or not. */
const waitForQr = (parts: SandboxParts): Promise<void> => {
  const { qrDelayMs, qrWaitMs } = parts.behaviour().web;
  return parts.pauses.sleep(qrDelayMs === 0 ? 0 : Math.min(qrWaitMs, qrDelayMs + 5));
};

function newInstance(parts: SandboxParts, body: Record<string, unknown>): Instance {
  const id = uuidFrom(parts.ids);
  return {
    name: text(body.instanceName),
    id,
    token: text(body.token) || uuidFrom(parts.ids).toUpperCase(),
    integration: text(body.integration),
    number: text(body.number) || null,
    state: 'close',
    statusReason: 200,
    wuid: null,
    profileName: null,
    qr: { count: 0 },
    pairWith: null,
    webhook: isBody(body.webhook) ? readWebhook(body.webhook) : null,
    disconnection: null,
    createdAt: new Date().toISOString(),
    attempt: 0,
  };
}

function readWebhook(given: unknown): EvolutionWebhook {
  const webhook = checkBody(given, {
    enabled: { type: 'boolean', required: true },
    url: { type: 'string', required: true },
  });
  if (webhook.url === '') throw badRequest(['The "url" cannot be empty']);
  const enabled = webhook.enabled === true;
  // Evolution reads the length of the list without asking whether there is one.
  if (enabled && !Array.isArray(webhook.events)) {
    throw serverError("Cannot read properties of undefined (reading 'length')");
  }
  const events = enabled ? (webhook.events as string[]) : [];
  const unknown = events.find((name) => !EVENT_NAMES.includes(name));
  if (unknown !== undefined) throw badRequest([`webhook.events[${events.indexOf(unknown)}] is not one of enum values`]);
  return {
    enabled,
    url: text(webhook.url),
    headers: isBody(webhook.headers) ? (webhook.headers as Record<string, string>) : {},
    byEvents: webhook.byEvents === true,
    base64: webhook.base64 === true,
    events: enabled && events.length === 0 ? EVENT_NAMES : events,
  };
}

function webhookView({ id, webhook, createdAt }: Instance) {
  if (!webhook) return null;
  const { byEvents, base64, ...rest } = webhook;
  const times = { createdAt, updatedAt: new Date().toISOString() };
  return {
    id: `cm${id.replaceAll('-', '').slice(0, 23)}`,
    ...rest,
    webhookByEvents: byEvents,
    webhookBase64: base64,
    ...times,
    instanceId: id,
  };
}

const stateView = ({ name, state }: Instance) => ({ instance: { instanceName: name, state } });

function createdView(instance: Instance, withQr: boolean) {
  const { name, id, integration, state, token, webhook } = instance;
  return {
    instance: {
      instanceName: name,
      instanceId: id,
      integration,
      webhookWaBusiness: null,
      accessTokenWaBusiness: '',
      status: state,
    },
    hash: token,
    webhook: webhook
      ? {
          webhookUrl: webhook.url,
          webhookHeaders: webhook.headers,
          webhookByEvents: webhook.byEvents,
          webhookBase64: webhook.base64,
        }
      : {},
    websocket: {},
    rabbitmq: {},
    nats: {},
    sqs: {},
    settings: { rejectCall: false, msgCall: '', groupsIgnore: false, alwaysOnline: false, readMessages: false },
    ...(withQr ? { qrcode: qrView(instance) } : {}),
  };
}

function fetchInstances(parts: SandboxParts, request: FastifyRequest, globalKey: string) {
  const key = request.headers.apikey;
  const { instanceName, instanceId } = request.query as Record<string, string | undefined>;
  const visible = parts.instances.list().filter(({ token }) => key === globalKey || key === token);
  const asked = visible.filter(
    ({ name, id }) => (!instanceName || name === instanceName) && (!instanceId || id === instanceId),
  );
  if (key === undefined || (key !== globalKey && asked.length === 0)) throw unauthorized();
  if (asked.length === 0 && (instanceName ?? instanceId))
    throw notFound(`Instance "${instanceName ?? instanceId}" not found`);
  return asked.map(rowView);
}

const rowView = (instance: Instance) => ({
  id: instance.id,
  name: instance.name,
  connectionStatus: instance.state,
  ownerJid: instance.wuid,
  profileName: instance.profileName,
  profilePicUrl: null,
  integration: instance.integration,
  number: instance.number,
  businessId: null,
  token: instance.token,
  clientName: 'evolution_exchange',
  disconnectionReasonCode: instance.disconnection?.code ?? null,
  disconnectionObject: null,
  disconnectionAt: instance.disconnection?.at ?? null,
  createdAt: instance.createdAt,
  updatedAt: instance.createdAt,
  _count: { Message: 0, Contact: 0, Chat: 0 },
});

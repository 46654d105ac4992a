import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { isOnWhatsApp } from '../whatsapp-web/fates.ts';
import { isGroup } from '../whatsapp-web/jids.ts';
import { SEND_ROUTES } from './content.ts';
import { badRequest, EvolutionError, evolutionErrorBody, notFound, serverError, unauthorized } from './errors.ts';
import { metadataOf } from './groups.ts';
import { findMessages } from './history.ts';
import { instanceRoutes } from './instance-routes.ts';
import type { Instance } from './instances.ts';
import { createJid } from './jid.ts';
import { sendMessage } from './send.ts';
import { type Body, checkBody, isBody, text } from './validate.ts';

const VERSION = '2.3.7';
const UPLOAD_MAX = 136 * 1024 * 1024;

/** Evolution API v2 with its Baileys integration. */
export function evolutionRoutes(parts: SandboxParts, globalKey: string) {
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((error, _request, reply) => {
      const refusal = asEvolutionError(error);
      return reply.status(refusal.status).send(evolutionErrorBody(refusal));
    });
    app.setNotFoundHandler((request, reply) => {
      const said = [`Cannot ${request.method} ${request.url.replace(/^\/evolution/, '')}`];
      return reply.status(404).send(evolutionErrorBody(new EvolutionError(404, 'Not Found', said)));
    });
    // Whether the instance exists is asked before the key: 404 comes without a key, too.
    const instanceOf = (request: FastifyRequest): Instance => {
      const { name } = request.params as { name: string };
      const instance = parts.instances.find(name);
      if (!instance) throw notFound(`The "${name}" instance does not exist`);
      const key = request.headers.apikey;
      if (typeof key !== 'string' || !(same(key, globalKey) || same(key, instance.token))) throw unauthorized();
      return instance;
    };
    app.get('/', async () => ({
      status: 200,
      message: 'Welcome to the Evolution API, it is working!',
      version: VERSION,
      clientName: 'evolution_exchange',
      documentation: 'https://doc.evolution-api.com',
    }));
    instanceRoutes(parts, app, globalKey, instanceOf);
    for (const route of SEND_ROUTES) {
      app.post(`/message/${route}/:name`, { bodyLimit: UPLOAD_MAX }, (request, reply) =>
        sendMessage(parts, instanceOf(request), route, request.body, reply),
      );
    }
    chatRoutes(parts, app, instanceOf);
  };
}

function chatRoutes(parts: SandboxParts, app: FastifyInstance, instanceOf: (request: FastifyRequest) => Instance) {
  app.get('/group/findGroupInfos/:name', async (request) => {
    const instance = instanceOf(request);
    const jid = text((request.query as { groupJid?: string }).groupJid);
    const group = parts.groups.find({ provider: 'evolution', number: instance.name }, jid.split('@')[0]!);
    if (!isGroup(jid)) throw badRequest(['The group id needs to be informed in the query']);
    if (instance.state !== 'open' || !group) throw notFound('Error fetching group');
    return metadataOf(group);
  });
  app.post('/chat/findMessages/:name', async (request) => {
    const instance = instanceOf(request);
    if (parts.behaviour().web.historyFails) throw serverError('Database is down');
    return findMessages(parts, instance, checkBody(request.body, {}));
  });
  app.post('/chat/whatsappNumbers/:name', async (request, reply) => {
    const instance = instanceOf(request);
    const { numbers } = checkBody(request.body, { numbers: { type: 'array' } });
    if (instance.state !== 'open') throw serverError('Connection Closed');
    const found = (Array.isArray(numbers) ? numbers : []).map((number) => {
      const jid = createJid(String(number));
      return { jid, exists: isGroup(jid) || isOnWhatsApp(String(number)), number: String(number) };
    });
    return reply.status(200).send(found);
  });
  app.post('/chat/markMessageAsRead/:name', async (request, reply) => {
    const instance = instanceOf(request);
    const { readMessages } = checkBody(request.body, { readMessages: { type: 'array', required: true } });
    const keys = (readMessages as unknown[]).filter(isBody);
    if (!keys.every(({ id, remoteJid, fromMe }) => text(id) && text(remoteJid) && typeof fromMe === 'boolean')) {
      throw badRequest(['readMessages[0] requires property "id", "fromMe" and "remoteJid"']);
    }
    if (instance.state !== 'open') throw serverError('Connection Closed');
    for (const key of keys) {
      const messageId = text(key.id);
      parts.ledger.append('receipts', {
        provider: 'evolution',
        phoneNumberId: instance.name,
        messageId,
        typing: false,
      });
    }
    return reply.status(201).send({ message: 'Read messages', read: 'success' });
  });
  app.post('/chat/sendPresence/:name', async (request, reply) => {
    const instance = instanceOf(request);
    const body = checkBody(request.body, { number: { type: 'string', required: true } });
    const row = { phoneNumberId: instance.name, messageId: text(body.number), typing: true };
    parts.ledger.append('receipts', { provider: 'evolution', ...row });
    return reply.status(201).send({ presence: body.presence ?? 'composing' });
  });
  app.post('/chat/getBase64FromMediaMessage/:name', async (request, reply) => {
    const { name } = instanceOf(request);
    const { message } = checkBody(request.body, { message: { type: 'object', required: true } });
    const key = (message as Body).key;
    const media = parts.webMedia.get(`${name}/${isBody(key) ? text(key.id) : ''}`);
    if (!media) throw badRequest('Message not found');
    return reply.status(201).send({
      mediaType: `${media.kind}Message`,
      fileName: media.fileName ?? `${text((key as Body).id)}.bin`,
      size: { fileLength: String(media.data.length), height: 1, width: 1 },
      mimetype: media.mimeType,
      base64: media.data.toString('base64'),
      buffer: null,
    });
  });
}

function asEvolutionError(error: unknown): EvolutionError {
  if (error instanceof EvolutionError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return new EvolutionError(status, 'Internal Server Error', error instanceof Error ? error.message : String(error));
}

function same(a: string, b: string): boolean {
  const digest = (given: string) => createHash('sha256').update(given).digest();
  return timingSafeEqual(digest(a), digest(b));
}

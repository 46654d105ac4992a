import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { isOnWhatsApp } from '../whatsapp-web/fates.ts';
import { contactsOf, serialized } from './contacts.ts';
import { sendRoutes } from './content.ts';
import { chatView, membersView } from './groups.ts';
import { getMessages, listChats } from './history.ts';
import { sendMessage } from './send.ts';
import * as sessionRoutes from './session-routes.ts';
import { newSession, type Session } from './sessions.ts';
import { authorise, makeToken } from './tokens.ts';

type Body = Record<string, unknown>;
type Handler = (session: Session, body: Body, reply: FastifyReply, request: FastifyRequest) => unknown;

const UPLOAD_MAX = 50 * 1024 * 1024;

/** The session that had a browser when the request came. */
const clientOf = new WeakMap<FastifyRequest, string>();

/** WPPConnect's server. */
export function wppconnectRoutes(parts: SandboxParts, secret: string) {
  return async (app: FastifyInstance): Promise<void> => {
    app.setNotFoundHandler((request, reply) =>
      reply
        .status(404)
        .type('text/html')
        .send(`Cannot ${request.method} ${request.url.replace(/^\/wppconnect/, '')}`),
    );
    // Only to requests with exactly this type WPPConnect's answers name their session.
    app.addHook('preSerialization', async (request, _reply, payload: unknown) => {
      if (request.headers['content-type'] !== 'application/json') return payload;
      if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
      return { ...payload, session: (payload as Body).session || (clientOf.get(request) ?? '') };
    });
    app.get('/healthz', async () => ({ uptime: process.uptime(), message: 'OK', timestamp: Date.now() }));
    app.post('/api/:session/:secretkey/generate-token', async (request, reply) => {
      const { session, secretkey } = request.params as { session: string; secretkey: string };
      if (secretkey !== secret) {
        return reply.status(400).send({ response: false, message: 'The SECRET_KEY is incorrect' });
      }
      const token = makeToken(secret, session, parts.ids.short('tok_'));
      return reply.status(201).send({ status: 'success', session, token, full: `${session}:${token}` });
    });
    app.get('/api/:session/show-all-sessions', async (request, reply) => {
      if ((request.params as { session: string }).session !== secret) {
        return reply.status(400).send({ response: false, message: 'The token is incorrect' });
      }
      return { response: parts.webSessions.list().map(({ name }) => name) };
    });
    sessionApi(parts, app, secret);
  };
}

function sessionApi(parts: SandboxParts, app: FastifyInstance, secret: string): void {
  const on = (method: 'GET' | 'POST', path: string, handle: Handler) =>
    app.route({
      method,
      url: `/api/:session/${path}`,
      bodyLimit: UPLOAD_MAX,
      handler: async (request, reply) => {
        const allowed = authorise(request, secret);
        if ('refusal' in allowed) return reply.status(401).send(allowed.refusal);
        const session = parts.webSessions.find(allowed.session) ?? newSession(allowed.session);
        if (session.client) clientOf.set(request, session.name);
        return handle(session, (request.body ?? {}) as Body, reply, request);
      },
    });
  const onConnected = (method: 'GET' | 'POST', path: string, handle: Handler) =>
    on(method, path, (session, body, reply, request) => {
      if (session.client?.connected) return handle(session, body, reply, request);
      const message = 'A sessão do WhatsApp não está ativa.';
      return reply.status(404).send({ response: null, status: 'Disconnected', message });
    });

  const { startSession, showStatus, showQr, checkConnection, closeSession, logoutSession } = sessionRoutes;
  on('POST', 'start-session', (session, body, reply) => startSession(parts, session, body, reply));
  on('GET', 'status-session', (session, body, reply) => showStatus(parts, session, body, reply));
  on('GET', 'qrcode-session', (session, body, reply) => showQr(parts, session, body, reply));
  on('GET', 'check-connection-session', (session, body, reply) => checkConnection(parts, session, body, reply));
  on('POST', 'close-session', (session, body, reply) => closeSession(parts, session, body, reply));
  onConnected('POST', 'logout-session', (session, body, reply) => logoutSession(parts, session, body, reply));
  for (const route of Object.keys(sendRoutes)) {
    onConnected('POST', route, (session, body, reply) => sendMessage(parts, session, route, body, reply));
  }
  messageRoutes(parts, onConnected);
  historyRoutes(parts, onConnected);
  contactRoutes(parts, on, onConnected);
  groupRoutes(parts, onConnected);
}

type On = (method: 'GET' | 'POST', path: string, handle: Handler) => void;

function messageRoutes(parts: SandboxParts, on: On): void {
  on('POST', 'react-message', (session, { msgId, reaction }) => {
    const wamid = String(msgId ?? '');
    parts.ledger.append('messages', {
      provider: 'wppconnect',
      wamid: `reaction_${parts.ids.short('r')}`,
      phoneNumberId: session.name,
      to: wamid.split('_')[1] ?? '',
      type: 'reaction',
      text: typeof reaction === 'string' ? reaction : null,
      body: { msgId, reaction },
      bizOpaqueCallbackData: null,
      contextMessageId: wamid,
      reply: 'ok',
    });
    return { status: 'success', response: { message: 'Reaction sended' } };
  });
  on('POST', 'send-seen', (session, body, reply) => {
    for (const messageId of contactsOf(body)) {
      parts.ledger.append('receipts', {
        provider: 'wppconnect',
        phoneNumberId: session.name,
        messageId,
        typing: false,
      });
    }
    return reply.status(201).send({ status: 'success', response: contactsOf(body).map(() => true), mapper: 'return' });
  });
  on('POST', 'typing', (session, body) => {
    for (const messageId of contactsOf(body)) {
      parts.ledger.append('receipts', { provider: 'wppconnect', phoneNumberId: session.name, messageId, typing: true });
    }
    return { status: 'success' };
  });
}

function historyRoutes(parts: SandboxParts, onConnected: On): void {
  onConnected('POST', 'list-chats', (session, body, reply) =>
    parts.behaviour().web.historyFails
      ? reply.status(500).send({ status: 'error', message: 'Error on get all chats' })
      : listChats(parts, session, body),
  );
  onConnected('GET', 'get-messages/:phone', (session, _body, reply, request) => {
    const { phone } = request.params as { phone: string };
    const found = getMessages(parts, session, phone, request.query as Record<string, string>);
    if (found) return { status: 'success', response: found };
    return reply.status(401).send({ status: 'error', response: 'Error on open list', error: {} });
  });
}

function groupRoutes(parts: SandboxParts, onConnected: On): void {
  const find = ({ name }: { name: string }, id: string) =>
    parts.groups.find({ provider: 'wppconnect', number: name }, id);
  onConnected('GET', 'chat-by-id/:phone', (session, _body, reply, request) => {
    const { phone } = request.params as { phone: string };
    const group = (request.query as { isGroup?: string }).isGroup ? find(session, phone) : null;
    return group ? chatView(group) : reply.status(500).send({ status: 'error', message: 'Error on open chat' });
  });
  onConnected('GET', 'group-members/:groupId', (session, _body, reply, request) => {
    const { groupId } = request.params as { groupId: string };
    const group = find(session, groupId);
    if (group) return { status: 'success', response: membersView(group) };
    return reply.status(500).send({ status: 'error', message: 'Error on get group members' });
  });
}

function contactRoutes(parts: SandboxParts, on: On, onConnected: On): void {
  on('GET', 'get-media-by-message/:id', (session, _body, reply, request) => {
    const { id } = request.params as { id: string };
    const media = parts.webMedia.get(`${session.name}/${id}`);
    if (!media) return reply.status(400).send({ status: 'error', message: 'Message not found' });
    return { base64: media.data.toString('base64'), mimetype: media.mimeType };
  });
  onConnected('GET', 'check-number-status/:phone', (_session, _body, _reply, request) => {
    const { phone } = request.params as { phone: string };
    const [jid = ''] = contactsOf({ phone });
    const exists = isOnWhatsApp(phone);
    const known = { id: serialized(jid), isBusiness: false, canReceiveMessage: exists, numberExists: exists };
    return { status: 'success', response: known };
  });
  onConnected('GET', 'contact/pn-lid/:id', (_session, _body, _reply, request) => {
    const { id } = request.params as { id: string };
    const phone = id.endsWith('@lid') ? parts.lids.get(id) : id.split('@')[0];
    return { lid: serialized(id), ...(phone ? { phoneNumber: serialized(`${phone}@c.us`) } : {}) };
  });
  onConnected('GET', 'get-phone-number', ({ wid }) => ({
    status: 'success',
    response: wid && serialized(wid),
    mapper: 'device',
  }));
}

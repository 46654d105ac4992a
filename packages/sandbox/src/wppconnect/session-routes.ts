import type { FastifyReply } from 'fastify';
import { hang } from '../faults.ts';
import type { SandboxParts } from '../parts.ts';
import { dataUrl, qrPng } from '../whatsapp-web/png.ts';
import { qrBase64, startBrowser } from './connection.ts';
import { emitEvent } from './events.ts';
import type { Session } from './sessions.ts';

const VERSION = '2.10.4';

type Handler = (parts: SandboxParts, session: Session, body: Record<string, unknown>, reply: FastifyReply) => unknown;

/** `POST start-session`: answers the state of before the start, or waits for the first code. */
export const startSession: Handler = async (parts, session, body, reply) => {
  const wait = body.waitQrCode === true;
  const before = stateView(session, wait);
  const running = session.client?.status != null && session.client.status !== 'CLOSED';
  if (!running) {
    session.webhook = typeof body.webhook === 'string' && body.webhook !== '' ? body.webhook : null;
    session.pairWith = typeof body.phone === 'string' && body.phone !== '' ? body.phone : null;
    const code = parts.qrWaiters.wait(session.name);
    startBrowser(parts, session);
    if (!before) {
      // A phone that is linked gets no code, so this call never ends.
      if (session.wid) return hang(reply);
      await code;
      return codeView(session);
    }
  }
  return before;
};

/** `GET status-session`. The QR code stays in it after the scan. */
export const showStatus: Handler = (_parts, session) => stateView(session, false);

/** `GET qrcode-session`: a PNG or JSON, both with 200. */
export const showQr: Handler = (_parts, { client }, _body, reply) => {
  if (client?.urlcode) return reply.type('image/png').send(qrPng(client.urlcode));
  if (client) return { status: client.status, message: 'QRCode is not available...' };
  return {
    status: null,
    message: 'Session not started. Please, use the /start-session route, for initialization your session',
  };
};

export const checkConnection: Handler = (_parts, { client }) =>
  client?.connected ? { status: true, message: 'Connected' } : { status: false, message: 'Disconnected' };

/** `POST close-session`: the phone stays linked. */
export const closeSession: Handler = (parts, session, _body, reply) => {
  if (!session.client) return reply.status(500).send({ status: false, message: 'Error closing session', error: {} });
  if (session.client.status !== null) {
    session.attempt++;
    session.client = { status: null, connected: false, urlcode: null, phoneCode: null };
    parts.webSessions.put(session);
    emitEvent(parts, session, 'closesession', { message: `Session: ${session.name} disconnected`, connected: false });
  }
  return { status: true, message: 'Session successfully closed' };
};

/** `POST logout-session`, for connected sessions alone: the phone is no longer linked. */
export const logoutSession: Handler = (parts, session) => {
  session.attempt++;
  session.client = null;
  session.wid = null;
  parts.webSessions.put(session);
  emitEvent(parts, session, 'logoutsession', { message: `Session: ${session.name} logged out`, connected: false });
  return { status: true, message: 'Session successfully closed' };
};

/** Null when `start-session` is to wait for a code instead. */
function stateView({ client }: Session, wait: boolean): object | null {
  if (client && (client.status !== null || wait)) {
    const qrcode = client.urlcode && dataUrl(qrPng(client.urlcode));
    return { status: client.status, qrcode, urlcode: client.urlcode ?? undefined, version: VERSION };
  }
  return wait ? null : { status: 'CLOSED', qrcode: null };
}

function codeView({ name, client, pairWith }: Session): object {
  if (client?.phoneCode) return { status: 'phoneCode', phone: pairWith, phoneCode: client.phoneCode, session: name };
  const urlcode = client?.urlcode ?? '';
  return { status: 'qrcode', qrcode: qrBase64(urlcode), urlcode, session: name };
}

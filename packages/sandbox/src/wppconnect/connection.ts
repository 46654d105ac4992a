import type { SandboxParts } from '../parts.ts';
import { pairingCode, qrText } from '../whatsapp-web/ids.ts';
import { qrPng } from '../whatsapp-web/png.ts';
import { emitEvent } from './events.ts';
import type { Client, Session } from './sessions.ts';

/** Starts the browser. A linked phone is in its chats soon; another gets codes to scan or type. */
export function startBrowser(parts: SandboxParts, session: Session): void {
  const attempt = ++session.attempt;
  session.client = { status: 'INITIALIZING', connected: false, urlcode: null, phoneCode: null };
  parts.webSessions.put(session);
  tellStatus(parts, session, session.wid ? 'isLogged' : 'notLogged');
  const { connectMs, qrDelayMs, autoCloseMs } = parts.behaviour().web;
  if (session.wid) {
    parts.timers.after(connectMs, () => session.attempt === attempt && enterChats(parts, session));
    return;
  }
  if (qrDelayMs === 0) showCode(parts, session, attempt);
  else parts.clocks.after(qrDelayMs, () => showCode(parts, session, attempt));
  parts.clocks.after(autoCloseMs, () => {
    if (session.attempt === attempt && session.wid === null) endSession(parts, session, 'autocloseCalled');
  });
}

/** A person scans the code, or types it. False without a code that is still good. */
export function scanCode(
  parts: SandboxParts,
  session: Session,
  { phone, profileName }: { phone: string; profileName: string },
): boolean {
  const status = session.client?.status;
  if (session.wid !== null || (status !== 'QRCODE' && status !== 'PHONECODE')) return false;
  const attempt = ++session.attempt;
  session.wid = `${phone}@c.us`;
  session.profileName = profileName;
  parts.webSessions.put(session);
  tellStatus(parts, session, 'qrReadSuccess');
  parts.timers.after(parts.behaviour().web.connectMs, () => session.attempt === attempt && enterChats(parts, session));
  return true;
}

/** The session is gone: WPPConnect knows nothing of it any more. */
export function endSession(parts: SandboxParts, session: Session, why: 'autocloseCalled' | 'disconnectedMobile'): void {
  session.attempt++;
  if (why === 'disconnectedMobile') session.wid = null;
  session.client = null;
  parts.webSessions.put(session);
  tellStatus(parts, session, why);
}

/** The browser loses WhatsApp, or dies. `status-session` goes on saying CONNECTED. */
export function loseBrowser(parts: SandboxParts, session: Session, why: 'serverClose' | 'browserClose'): void {
  if (!session.client) return;
  session.client.connected = false;
  tellStatus(parts, session, why);
}

export const qrBase64 = (urlcode: string): string => qrPng(urlcode).toString('base64');

function showCode(parts: SandboxParts, session: Session, attempt: number): void {
  if (session.attempt !== attempt || !session.client) return;
  if (session.pairWith) showPhoneCode(parts, session, session.client);
  else showQr(parts, session, session.client);
  parts.clocks.after(parts.behaviour().web.qrMs, () => showCode(parts, session, attempt));
}

function showQr(parts: SandboxParts, session: Session, client: Client): void {
  const urlcode = qrText(parts.ids);
  Object.assign(client, { status: 'QRCODE', urlcode });
  emitEvent(parts, session, 'qrcode', { qrcode: qrBase64(urlcode), urlcode });
  parts.qrWaiters.tell(session.name);
}

function showPhoneCode(parts: SandboxParts, session: Session, client: Client): void {
  const phoneCode = pairingCode(parts.ids);
  Object.assign(client, { status: 'PHONECODE', phoneCode });
  emitEvent(parts, session, 'phoneCode', { phoneCode, phone: session.pairWith });
  parts.qrWaiters.tell(session.name);
}

function enterChats(parts: SandboxParts, session: Session): void {
  if (!session.client) return;
  Object.assign(session.client, { status: 'CONNECTED', connected: true });
  parts.webSessions.put(session);
  tellStatus(parts, session, 'inChat');
}

function tellStatus(parts: SandboxParts, session: Session, status: string): void {
  emitEvent(parts, session, 'status-find', { status });
}

import type { SandboxParts } from '../parts.ts';
import { pairingCode, qrText } from '../whatsapp-web/ids.ts';
import { dataUrl, qrPng } from '../whatsapp-web/png.ts';
import { emitEvent } from './events.ts';
import type { Instance } from './instances.ts';

/** Reasons in Baileys' numbers; after these it does not connect again by itself. */
const FINAL_REASONS = [401, 402, 403, 406];
const BAD_SESSION = 500;
const CONNECTION_CLOSED = 428;

/** Starts to connect: a linked phone comes back by itself, another gets QR codes. */
export function startConnecting(parts: SandboxParts, instance: Instance, number: string | null): void {
  const attempt = ++instance.attempt;
  instance.pairWith = number;
  setState(parts, instance, 'connecting', 200);
  tellState(parts, instance);
  const { connectMs, qrDelayMs } = parts.behaviour().web;
  if (instance.wuid) parts.timers.after(connectMs, () => current(instance, attempt) && becomeOpen(parts, instance));
  else if (qrDelayMs === 0) showQr(parts, instance, attempt);
  else parts.clocks.after(qrDelayMs, () => showQr(parts, instance, attempt));
}

/** A person scans the code with this phone. False without a code that is still good. */
export function scanQr(
  parts: SandboxParts,
  instance: Instance,
  { phone, profileName }: { phone: string; profileName: string },
): boolean {
  if (instance.state !== 'connecting' || instance.qr.code === undefined) return false;
  const attempt = ++instance.attempt;
  instance.wuid = `${phone}@s.whatsapp.net`;
  instance.profileName = profileName;
  instance.qr = { count: 0 };
  parts.instances.put(instance);
  // WhatsApp restarts the connection after a pairing: a second "connecting" comes.
  tellState(parts, instance);
  parts.timers.after(parts.behaviour().web.connectMs, () => current(instance, attempt) && becomeOpen(parts, instance));
  return true;
}

/** The connection ends. After most reasons Evolution connects again without a word of it. */
export function disconnect(parts: SandboxParts, instance: Instance, reason: number): void {
  if (!FINAL_REASONS.includes(reason)) {
    startConnecting(parts, instance, instance.pairWith);
    return;
  }
  instance.attempt++;
  const at = new Date().toISOString();
  emitEvent(parts, instance, 'status.instance', {
    instance: instance.name,
    status: 'closed',
    disconnectionAt: at,
    disconnectionReasonCode: reason,
    disconnectionObject: JSON.stringify({ error: { output: { statusCode: reason } }, date: at }),
  });
  emitEvent(parts, instance, 'logout.instance', null);
  instance.disconnection = { at, code: reason };
  instance.wuid = null;
  instance.qr = { count: 0 };
  setState(parts, instance, 'close', reason);
  tellState(parts, instance);
}

/** What `connect` answers. Before the first code it is `{"count": 0}` alone. */
export const qrView = ({ qr }: Instance) => ({
  pairingCode: qr.pairingCode,
  code: qr.code,
  base64: qr.base64,
  count: qr.count,
});

function showQr(parts: SandboxParts, instance: Instance, attempt: number): void {
  if (!current(instance, attempt) || instance.state !== 'connecting') return;
  const { qrLimit, qrMs } = parts.behaviour().web;
  if (instance.qr.count >= qrLimit) {
    refuseConnection(parts, instance);
    return;
  }
  const code = qrText(parts.ids);
  instance.qr = {
    count: instance.qr.count + 1,
    code,
    base64: dataUrl(qrPng(code)),
    pairingCode: instance.pairWith ? pairingCode(parts.ids) : null,
  };
  const { pairingCode: pairing, base64 } = instance.qr;
  emitEvent(parts, instance, 'qrcode.updated', {
    qrcode: { instance: instance.name, pairingCode: pairing, code, base64 },
  });
  parts.clocks.after(qrMs, () => showQr(parts, instance, attempt));
}

/** After the last code. What the library tells later is not passed on. */
function refuseConnection(parts: SandboxParts, instance: Instance): void {
  instance.attempt++;
  emitEvent(parts, instance, 'qrcode.updated', {
    message: 'QR code limit reached, please login again',
    statusCode: BAD_SESSION,
  });
  emitEvent(parts, instance, 'connection.update', {
    instance: instance.name,
    state: 'refused',
    statusReason: CONNECTION_CLOSED,
  });
  instance.qr = { count: 0 };
  setState(parts, instance, 'close', CONNECTION_CLOSED);
}

function becomeOpen(parts: SandboxParts, instance: Instance): void {
  setState(parts, instance, 'open', 200);
  instance.disconnection = null;
  const { wuid, profileName, state, statusReason } = instance;
  emitEvent(parts, instance, 'connection.update', {
    instance: instance.name,
    wuid,
    profileName,
    profilePictureUrl: null,
    state,
    statusReason,
  });
}

const current = (instance: Instance, attempt: number): boolean => instance.attempt === attempt;

function setState(parts: SandboxParts, instance: Instance, state: Instance['state'], reason: number): void {
  instance.state = state;
  instance.statusReason = reason;
  parts.instances.put(instance);
}

function tellState(parts: SandboxParts, instance: Instance): void {
  const { name, state, statusReason } = instance;
  emitEvent(parts, instance, 'connection.update', { instance: name, state, statusReason });
}

import type { DisconnectInput, SessionView } from '../control/session-schemas.ts';
import type { SandboxParts } from '../parts.ts';
import { userOf } from '../whatsapp-web/jids.ts';
import type { SessionHandle } from '../whatsapp-web/session-handle.ts';
import { disconnect, scanQr } from './connection.ts';
import { tellMessage } from './customers.ts';
import { emitEvent } from './events.ts';
import type { Instance } from './instances.ts';

/** Baileys' numbers of what a person may want to happen. */
const REASONS: Record<NonNullable<DisconnectInput['reason']>, number> = {
  logout: 401,
  banned: 403,
  network: 428,
  replaced: 440,
};

export const evolutionViews = ({ instances }: SandboxParts): SessionView[] => instances.list().map(viewInstance);

export function evolutionHandle(parts: SandboxParts, name: string): SessionHandle | null {
  const instance = parts.instances.find(name);
  if (!instance) return null;
  return {
    view: () => viewInstance(instance),
    scan: (input) => scanQr(parts, instance, input),
    disconnect: (reason) => disconnect(parts, instance, REASONS[reason]),
    say: (message) => tellMessage(parts, instance, message),
    tell: (event, data) => emitEvent(parts, instance, event, data),
  };
}

const viewInstance = (instance: Instance): SessionView => ({
  provider: 'evolution',
  name: instance.name,
  state: instance.state,
  phone: instance.wuid && userOf(instance.wuid),
  qr: instance.qr.code ?? null,
  pairingCode: instance.qr.pairingCode ?? null,
  webhookUrl: instance.webhook?.url ?? null,
});

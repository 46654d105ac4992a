import type { SessionView } from '../control/session-schemas.ts';
import type { SandboxParts } from '../parts.ts';
import { userOf } from '../whatsapp-web/jids.ts';
import type { SessionHandle } from '../whatsapp-web/session-handle.ts';
import { endSession, loseBrowser, scanCode } from './connection.ts';
import { tellMessage } from './customers.ts';
import { emitEvent } from './events.ts';
import type { Session } from './sessions.ts';

export const wppconnectViews = ({ webSessions }: SandboxParts): SessionView[] => webSessions.list().map(viewSession);

export function wppconnectHandle(parts: SandboxParts, name: string): SessionHandle | null {
  const session = parts.webSessions.find(name);
  if (!session) return null;
  return {
    view: () => viewSession(session),
    scan: (input) => scanCode(parts, session, input),
    disconnect(reason) {
      if (reason === 'logout' || reason === 'banned') endSession(parts, session, 'disconnectedMobile');
      else loseBrowser(parts, session, reason === 'network' ? 'serverClose' : 'browserClose');
    },
    say: (message) => tellMessage(parts, session, message),
    tell: (event, data) => emitEvent(parts, session, event, typeof data === 'object' && data ? data : {}),
  };
}

const viewSession = (session: Session): SessionView => ({
  provider: 'wppconnect',
  name: session.name,
  state: session.client?.status ?? 'CLOSED',
  phone: session.wid && userOf(session.wid),
  qr: session.client?.urlcode ?? null,
  pairingCode: session.client?.phoneCode ?? null,
  webhookUrl: session.webhook,
});

import { magicOf } from '../meta/magic.ts';
import type { SandboxParts } from '../parts.ts';

/** How a send goes. Decided by the recipient's last digits, else by the behaviour's rates. */
export type Fate =
  | { kind: 'reset' | 'hang' }
  | { kind: 'http'; status: number }
  /** Not on WhatsApp. `sends`: it is refused and goes out all the same. */
  | { kind: 'unknown-number'; sends: boolean }
  | { kind: 'accept'; reply: AcceptReply; statuses: StatusPlan };

export type AcceptReply = 'ok' | 'lost' | 'silent' | 'malformed' | 'no-id';
/** `odd`: after the last one comes a status that the server could not name. */
export type StatusPlan = 'all' | 'none' | 'read-only' | 'failed' | 'odd';

const accept = (reply: AcceptReply, statuses: StatusPlan = 'all'): Fate => ({ kind: 'accept', reply, statuses });

const own = new Map<string, Fate>([
  ['9990404', { kind: 'unknown-number', sends: false }],
  ['9990405', { kind: 'unknown-number', sends: true }],
  ['9990010', accept('no-id')],
  ['9990011', accept('ok', 'odd')],
  ['9990012', accept('ok', 'failed')],
]);

/** @param owner the instance or session, in whose name repeats are counted */
export function fateOf(parts: SandboxParts, owner: string, recipient: string): Fate {
  return own.get(recipient.replace(/\D/g, '').slice(-7)) ?? magicFate(parts, owner, recipient) ?? diceFate(parts);
}

/** Whether a number is on WhatsApp at all. */
export const isOnWhatsApp = (recipient: string): boolean =>
  own.get(recipient.replace(/\D/g, '').slice(-7))?.kind !== 'unknown-number';

function magicFate(parts: SandboxParts, owner: string, recipient: string): Fate | null {
  const magic = magicOf(recipient);
  switch (magic?.kind) {
    case 'http':
      return { kind: 'http', status: magic.status };
    case 'hang-before':
      return { kind: 'hang' };
    case 'reset-before':
      return { kind: 'reset' };
    case 'hang-after':
      return accept('silent');
    case 'lost-reply':
      return accept('lost');
    case 'malformed':
      return accept('malformed');
    case 'no-status':
      return accept('ok', 'none');
    case 'read-only':
      return accept('ok', 'read-only');
    case 'third-time':
      return parts.limits.times(`third/${owner}/${recipient}`) % 3 === 0 ? accept('ok') : { kind: 'http', status: 500 };
    default:
      return null;
  }
}

function diceFate({ dice, behaviour }: SandboxParts): Fate {
  const { resetRate, errorRate, lostReplyRate } = behaviour();
  if (dice.roll('reset', resetRate)) return { kind: 'reset' };
  if (dice.roll('error', errorRate)) return { kind: 'http', status: 500 };
  return accept(dice.roll('lost-reply', lostReplyRate) ? 'lost' : 'ok');
}

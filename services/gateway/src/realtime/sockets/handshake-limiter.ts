import type { IncomingMessage } from 'node:http';
import type { ReadAddress } from '../../edge/server/client-address.ts';
import { createPace } from '../../limits/pace.ts';
import { scaled } from '../../limits/windows.ts';

/** Limits sockets that have not authenticated yet. */
export interface HandshakeLimiter {
  /**
   * One more that has not said who it is; null when there are too many. The result is to be called
   * once it has, or has gone.
   */
  enter(request: IncomingMessage): (() => void) | null;
}

export interface HandshakeLimits {
  /** Handshakes of one address in a minute. */
  perMinute: number;
  /** Of one address that have not said yet who they are. */
  perAddress: number;
  total: number;
}

const LIMITS: HandshakeLimits = { perMinute: 1_200, perAddress: 200, total: 5_000 };

/** The limits under the installation's factor. */
export const scaleHandshakeLimits = (factor: number): HandshakeLimits => ({
  perMinute: scaled(LIMITS.perMinute, factor),
  perAddress: scaled(LIMITS.perAddress, factor),
  total: scaled(LIMITS.total, factor),
});

/**
 * Bounds what may stand at the door, by address and altogether. Of this gateway alone: what it
 * guards is this process.
 */
export function createHandshakeLimiter(addressOf: ReadAddress, limits: HandshakeLimits): HandshakeLimiter {
  const waiting = new Map<string, number>();
  const pace = createPace(Date.now);
  let total = 0;

  return {
    enter(request) {
      const address = addressOf(request);
      const here = waiting.get(address) ?? 0;
      if (here >= limits.perAddress || total >= limits.total) return null;
      if (pace.add(address, 1) > limits.perMinute) return null;
      waiting.set(address, here + 1);
      total++;
      let inside = true;
      return () => {
        if (!inside) return;
        inside = false;
        total--;
        const left = waiting.get(address)! - 1;
        if (left > 0) waiting.set(address, left);
        else waiting.delete(address);
      };
    },
  };
}

import type { Bus } from '@recado/messaging';

/** The replies that this copy writes, and the word to all copies that one is superseded. */
export interface Writing {
  /** @returns a signal that is aborted once a later message supersedes the reply */
  begin(inboundMessageId: string): AbortSignal;
  end(inboundMessageId: string): void;
  /** Call after the commit that superseded replies. */
  supersede(inboundMessageIds: readonly string[]): void;
  stop(): void;
}

// Core NATS: a lost word costs a call of the model, and no answer. Settling checks again.
const SUBJECT = 'recado.cache.ai-responder.superseded';

export function createWriting(bus: Bus): Writing {
  const calls = new Map<string, AbortController>();
  const abort = (inboundMessageId: string) => calls.get(inboundMessageId)?.abort();
  const words = bus.nc.subscribe(SUBJECT, { callback: (_error, message) => abort(message.string()) });

  return {
    begin(inboundMessageId) {
      const call = new AbortController();
      calls.set(inboundMessageId, call);
      return call.signal;
    },
    end: (inboundMessageId) => void calls.delete(inboundMessageId),
    supersede(inboundMessageIds) {
      for (const id of inboundMessageIds) {
        abort(id);
        if (!bus.nc.isClosed()) bus.nc.publish(SUBJECT, id);
      }
    },
    stop() {
      if (!bus.nc.isClosed()) words.unsubscribe();
    },
  };
}

export interface FloodState {
  id: string;
  phoneNumberId: string;
  /** Messages it will have sent at its end. */
  total: number;
  sent: number;
  /** Not sent because too many webhooks were waiting. */
  skipped: number;
  done: boolean;
  startedAt: string;
  finishedAt: string | null;
}

/** The floods of a sandbox: those that run, and the last that ended. */
export interface Floods {
  /** `stop`: ends its clock. */
  add(state: FloodState, stop: () => void): void;
  find(id: string): FloodState | null;
  list(): FloodState[];
  stop(id: string): boolean;
  stopAll(): void;
}

const MAX_REMEMBERED = 100;

export function createFloods(): Floods {
  const floods = new Map<string, FloodState>();
  const stops = new Map<string, () => void>();

  const end = (id: string) => {
    stops.get(id)?.();
    stops.delete(id);
    const state = floods.get(id);
    if (state && !state.done) {
      state.done = true;
      state.finishedAt = new Date().toISOString();
    }
  };

  return {
    add(state, stop) {
      floods.set(state.id, state);
      stops.set(state.id, stop);
      if (floods.size <= MAX_REMEMBERED) return;
      for (const [old, { done }] of floods) {
        if (!done) continue;
        floods.delete(old);
        break;
      }
    },
    find: (id) => floods.get(id) ?? null,
    list: () => [...floods.values()],
    stop(id) {
      if (!floods.has(id)) return false;
      end(id);
      return true;
    },
    stopAll() {
      for (const id of [...stops.keys()]) end(id);
    },
  };
}

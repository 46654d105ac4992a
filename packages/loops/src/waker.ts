/**
 * A sleep that can be cut short. A wake that comes between two sleeps is kept for the next.
 */
export interface Waker {
  wake(): void;
  /** `ignoreWakes`: sleep the whole time unless woken from now on. */
  sleep(ms: number, options?: { ignoreWakes?: boolean }): Promise<void>;
}

export function createWaker(): Waker {
  let woken = false;
  let end: (() => void) | null = null;
  return {
    wake() {
      woken = true;
      end?.();
    },
    sleep(ms, { ignoreWakes = false } = {}) {
      if (woken && !ignoreWakes) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => end?.(), ms);
        end = () => {
          clearTimeout(timer);
          end = null;
          woken = false;
          resolve();
        };
      });
    },
  };
}

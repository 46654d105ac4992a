import { performance } from 'node:perf_hooks';

/** A timer that fires later than this was held up by this process, not by the server asked. */
const LATE_MS = 20;
/** How often the wait begins again, so that a process that never rests still gets its answer. */
const EXTENSIONS = 3;

/**
 * What `answer` resolves to within `ms` milliseconds. A pause of this process does not count: the
 * answer may wait in its socket.
 * @throws Error `No answer within … ms` after that time, or what `answer` rejects with.
 */
export function answerWithin<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout;
    let extensions = 0;
    const wait = () => {
      const due = performance.now() + ms;
      timer = setTimeout(() => {
        const late = performance.now() - due;
        if (late <= LATE_MS || extensions === EXTENSIONS) return reject(new Error(`No answer within ${ms} ms`));
        extensions += 1;
        wait();
      }, ms);
    };
    wait();
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

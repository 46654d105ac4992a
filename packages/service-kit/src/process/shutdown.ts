import { createLogger, type Logger } from '../observe/logger.ts';
import { startTracing } from '../observe/tracing.ts';
import { ConfigError } from './config.ts';

/** A started service. */
export interface Running {
  stop(): Promise<void>;
}

export interface RunOptions {
  /** Default: one made from LOG_LEVEL and LOG_FORMAT. */
  log?: Logger;
  /** Milliseconds from the signal to the hard exit. */
  graceMs?: number;
}

/**
 * Runs a process and stops it on SIGTERM or SIGINT within 5 s; a second signal exits at once. A
 * failed start or an uncaught error exits with 1, and the supervisor starts a new process.
 */
export async function runMain(name: string, start: () => Promise<Running>, options: RunOptions = {}): Promise<void> {
  const log = options.log ?? envLogger(name);
  const graceMs = options.graceMs ?? 5000;
  let running: Running | undefined;
  let stopTracing = async () => {};
  let stopping = false;

  const die = (error: unknown, message: string) => {
    log.fatal({ err: error }, message);
    process.exit(1);
  };
  const stop = async (signal: string) => {
    if (stopping) process.exit(130);
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({ graceMs }, 'did not stop in time');
      process.exit(1);
    }, graceMs).unref();
    try {
      await running?.stop();
      await stopTracing();
      log.info('stopped');
      process.exit(0);
    } catch (error) {
      die(error, 'stopping failed');
    }
  };
  process.on('uncaughtException', (error) => die(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => die(error, 'unhandled rejection'));
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));

  try {
    stopTracing = await startTracing(name);
    running = await start();
    sweepUp();
  } catch (error) {
    if (!(error instanceof ConfigError)) return die(error, 'could not start');
    // For the person who configures it: the list of variables, no stack.
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(1);
  }
}

/** A named step of a shutdown. */
export type StopStep = readonly [name: string, stop: () => unknown];

/**
 * Runs the steps in order: stop accepting, drain, publish, close. A step that fails or is too slow
 * is logged and the next one runs, so a hanging broker does not keep connections open.
 */
export async function stopInOrder(
  steps: readonly StopStep[],
  log: Pick<Logger, 'warn' | 'error'>,
  stepMs = 2000,
): Promise<void> {
  for (const [name, stop] of steps) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), stepMs);
    });
    try {
      const outcome = await Promise.race([Promise.resolve().then(stop), late]);
      if (outcome === 'late') log.warn({ step: name, stepMs }, 'a step of the shutdown takes too long, going on');
    } catch (err) {
      log.error({ step: name, err }, 'a step of the shutdown failed, going on');
    } finally {
      clearTimeout(timer);
    }
  }
}

function envLogger(name: string): Logger {
  const { LOG_LEVEL, LOG_FORMAT } = process.env;
  return createLogger({ name, level: LOG_LEVEL || 'info', format: LOG_FORMAT === 'json' ? 'json' : 'pretty' });
}

/**
 * Loading leaves 10 to 20 MB of garbage; with `--expose-gc` it is collected once.
 * `--optimize-for-size` saves the same, but its small young generation costs half of the CPU.
 */
function sweepUp(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

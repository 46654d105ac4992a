import type { ServiceName } from '@recado/contracts';
import type { FastifyInstance } from 'fastify';
import { createLogger, type Logger } from '../observe/logger.ts';
import { createRegistry, type Registry } from '../observe/metrics.ts';
import { type Closing, createClosing } from './closing.ts';
import type { BaseConfig } from './config.ts';
import { stopInOrder } from './shutdown.ts';

export type ProcessConfig = Pick<BaseConfig, 'HOST' | 'PORT' | 'LOG_LEVEL' | 'LOG_FORMAT'>;

/** What every process that serves HTTP has. */
export interface ProcessBase<C extends ProcessConfig = ProcessConfig> {
  service: ServiceName;
  config: C;
  log: Logger;
  registry: Registry;
}

/** Makes what the process works with and says how that stops. Builds the app, not yet listening. */
export type BuildProcess<C extends ProcessConfig, D, O> = (
  base: ProcessBase<C>,
  closing: Closing,
  options: O,
) => Built<D> | Promise<Built<D>>;

interface Built<D> {
  deps: D;
  app: FastifyInstance;
}

export interface RunningProcess<D> extends Built<D> {
  url: string;
  /** Finishes what is under way, publishes, and closes every connection. */
  stop(): Promise<void>;
}

/** Makes a process's start function. It throws when the port is taken, or when `build` throws. */
export function defineProcess<C extends ProcessConfig, D, O = unknown>(
  name: ServiceName,
  build: BuildProcess<C, D, O>,
): (config: C, options?: O) => Promise<RunningProcess<D>> {
  return async (config, options = {} as O) => {
    const base = createProcessBase(name, config);
    const { closing, steps } = createClosing();
    const stop = () => stopInOrder(steps(), base.log);
    try {
      const { deps, app } = await build(base, closing, options);
      closing.http('http', () => app.close());
      const url = await app.listen({ host: config.HOST, port: config.PORT });
      base.log.info({ url }, `${name} listens`);
      return { url, app, deps, stop };
    } catch (error) {
      // A start that failed leaves nothing open.
      await stop();
      throw error;
    }
  };
}

export function createProcessBase<C extends ProcessConfig>(service: ServiceName, config: C): ProcessBase<C> {
  const log = createLogger({ name: service, level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  return { service, config, log, registry: createRegistry(service) };
}

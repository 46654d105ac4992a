import type { FastifyBaseLogger } from 'fastify';
import pino from 'pino';
import { redact, scrub, serializeError } from './redact.ts';

export type Logger = pino.Logger;
/** What handlers get: a logger that already carries request, tenant and trace ids. */
export type Log = FastifyBaseLogger;

export interface LoggerOptions {
  name: string;
  level?: string;
  /** `pretty`: one readable line per entry; `json`: one object per line, for machines. */
  format?: 'json' | 'pretty';
  /** Where lines go; standard output unless a test wants them. */
  stream?: { write(line: string): unknown };
}

/**
 * A pino logger that shows no secrets. Values under secret-looking keys are replaced, and each line
 * is scrubbed of tokens, credentials in URLs and `key=value` secrets.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { name, level = 'info', format = 'pretty' } = options;
  const out = options.stream ?? pino.destination({ fd: 1, sync: true });
  const log = pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
      serializers: { err: serializeError, error: serializeError },
      hooks: { streamWrite: scrub },
    },
    format === 'json' ? out : { write: (line: string) => out.write(prettyLine(line)) },
  );
  // pino drops its bindings formatter for children; these inherit from the root, so one override
  // covers all of them.
  const child = log.child;
  log.child = function redactedChild(this: Logger, bindings: pino.Bindings, options?: object) {
    return child.call(this, redact(bindings), options);
  } as typeof log.child;
  return log;
}

const COLOURS: Record<string, string> = { fatal: '35', error: '31', warn: '33', info: '32', debug: '34', trace: '90' };

/**
 * One JSON log line as `12:34:56.789 INFO  conversation message key=value …`, with an error's stack
 * below it.
 */
export function prettyLine(line: string, colour = process.stdout.isTTY === true): string {
  const { time, level, name, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const paint = (text: string, code: string | undefined) => (colour && code ? `\u001b[${code}m${text}\u001b[0m` : text);
  const fields = Object.entries(rest)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoteIfNeeded(value) : JSON.stringify(value)}`)
    .join(' ');
  const error = err as { type?: string; message?: string; stack?: string } | undefined;
  const tail = error ? `\n${indent(error.stack ?? `${error.type}: ${error.message}`)}` : '';
  const label = paint(String(level).toUpperCase().padEnd(5), COLOURS[String(level)]);
  const head = `${String(time).slice(11, 23)} ${label} ${String(name)}`;
  return `${head} ${msg === undefined ? '' : String(msg)}${fields ? ` ${paint(fields, '90')}` : ''}${tail}\n`;
}

function quoteIfNeeded(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}

/**
 * A logger that makes its child only when something is logged. Most requests log one line or none,
 * and a pino child costs more than the rest of their logging.
 */
export function lazyLog(base: Logger, bindings: () => Record<string, unknown>): Log {
  let child: Logger | undefined;
  const get = (): Logger => {
    child ??= base.child(bindings());
    return child;
  };
  const log = Object.create(LAZY) as Log & { [GET]: () => Logger };
  log[GET] = get;
  return log;
}

const GET = Symbol('get');
type Lazy = { [GET](): Logger };
const LAZY = Object.create(null, {
  level: {
    get(this: Lazy) {
      return this[GET]().level;
    },
    set(this: Lazy, level: string) {
      this[GET]().level = level;
    },
  },
  isLevelEnabled: {
    value(this: Lazy, level: string) {
      return this[GET]().isLevelEnabled(level);
    },
  },
  child: {
    value(this: Lazy, ...args: Parameters<Logger['child']>) {
      return this[GET]().child(...args);
    },
  },
  ...Object.fromEntries(
    (['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const).map((level) => [
      level,
      {
        value(this: Lazy, ...args: [string]) {
          this[GET]()[level](...args);
        },
      },
    ]),
  ),
}) as object;

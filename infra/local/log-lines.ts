import { sourcePlaces } from './stack-frames.ts';

// Colours of the 256 that read on dark and light grounds; none is red, which means an error.
const COLOURS = [33, 37, 64, 97, 130, 136, 162, 166, 30, 61, 103];
const LEVEL_COLOURS: Record<string, number> = { fatal: 35, error: 31, warn: 33, info: 32, debug: 34, trace: 90 };
const WIDTH = 'channel-connector'.length;

export interface LinePrinter {
  /** A line a process wrote. */
  line(name: string, text: string): void;
  /** A word of our own about a process. */
  note(name: string, text: string): void;
}

/**
 * Prints the JSON log lines of many processes. `pretty` makes them readable, with the process's
 * name. `json` wraps lines that are not JSON, so each line is one object.
 */
export function createPrinter(
  format: 'pretty' | 'json',
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
  colours = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR,
): LinePrinter {
  if (format === 'json') {
    const wrap = (name: string, level: string, msg: string) =>
      write(JSON.stringify({ level, time: new Date().toISOString(), name, msg }));
    return {
      line: (name, text) => (text.startsWith('{') && text.endsWith('}') ? write(text) : wrap(name, 'info', text)),
      note: (name, text) => wrap(name, 'warn', text),
    };
  }
  const paint = (text: string, code: number) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const seen = new Map<string, number>();
  const prefix = (name: string) => {
    if (!seen.has(name)) seen.set(name, seen.size);
    const padded = name.padEnd(WIDTH);
    const colour = COLOURS[(seen.get(name) ?? 0) % COLOURS.length];
    return colours ? `\u001b[38;5;${colour}m${padded}\u001b[0m │` : `${padded} │`;
  };
  return {
    line(name, text) {
      for (const line of readable(text, paint)) write(`${prefix(name)} ${sourcePlaces(line)}`);
    },
    note: (name, text) => write(`${prefix(name)} ── ${text}`),
  };
}

/**
 * A log line of JSON as `12:34:56.789 INFO  message key=value`, the stack of an error below it; any
 * other line as it is.
 */
function readable(text: string, paint: (text: string, code: number) => string): string[] {
  if (!text.startsWith('{"')) return [text];
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return [text];
  }
  const { level, time, name: _, msg, err, ...rest } = entry;
  if (typeof level !== 'string') return [text];
  const fields = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`);
  const head = [
    String(time).slice(11, 23),
    paint(level.toUpperCase().padEnd(5), LEVEL_COLOURS[level] ?? 32),
    msg ?? '',
  ];
  const error = err as { type?: string; message?: string; stack?: string } | undefined;
  const severe = level === 'error' || level === 'fatal';
  // A warning is one line; for an error one wants to see where it came from.
  if (error && !severe) fields.push(`err=${plain(`${error.type ?? 'Error'}: ${error.message ?? ''}`)}`);
  const stack = error && severe ? (error.stack ?? `${error.type}: ${error.message}`).split('\n') : [];
  const line = [...head, ...(fields.length > 0 ? [paint(fields.join(' '), 90)] : [])].join(' ');
  return [line, ...stack.map((one) => `    ${one}`)];
}

const plain = (value: unknown) =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);

// Colours of the 256 that read on dark and light grounds; none is red, which means an error.
const COLOURS = [33, 37, 64, 97, 130, 136, 162, 166, 30, 61, 103];
const WIDTH = 'channel-connector'.length;

export interface LinePrinter {
  /** A line a process wrote. */
  line(name: string, text: string): void;
  /** A word of our own about a process. */
  note(name: string, text: string): void;
}

/**
 * Prints the lines of many processes, one line each.
 * `pretty` puts the process's name before each; `json` passes JSON lines through and wraps the others, so that a machine
 * reads one object per line.
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
  const seen = new Map<string, number>();
  const prefix = (name: string) => {
    if (!seen.has(name)) seen.set(name, seen.size);
    const padded = name.padEnd(WIDTH);
    const colour = COLOURS[(seen.get(name) ?? 0) % COLOURS.length];
    return colours ? `\u001b[38;5;${colour}m${padded}\u001b[0m │` : `${padded} │`;
  };
  return {
    line: (name, text) => write(`${prefix(name)} ${text}`),
    note: (name, text) => write(`${prefix(name)} ── ${text}`),
  };
}

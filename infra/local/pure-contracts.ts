import { readFileSync } from 'node:fs';
import { type Plugin, transform } from 'esbuild';

/** `export const name = `, unless what follows is a function: those are no work. */
const CONSTANT = /^((?:export )?const \w+ = )(?!async |function\b|\([^)]*\) =>|\w+ =>)/;

/**
 * Contracts only declare. This tells esbuild so: a bundle then leaves out each schema and route
 * that its service does not use. All of them are 6 MB in a process.
 */
export const pureContracts: Plugin = {
  name: 'pure-contracts',
  setup(build) {
    build.onLoad({ filter: /\/packages\/contracts\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: markPure(await asJavaScript(path)),
      loader: 'js',
    }));
  },
};

async function asJavaScript(path: string): Promise<string> {
  const { code } = await transform(readFileSync(path, 'utf8'), {
    loader: 'ts',
    target: 'esnext',
    sourcefile: path,
    sourcemap: 'inline',
    sourcesContent: false,
  });
  return code;
}

/**
 * Wraps the value of each constant at the left margin, as esbuild prints it, in a call marked pure.
 * Lines stay where they are, so the source map does too.
 */
export function markPure(code: string): string {
  const lines = code.split('\n');
  for (let at = 0; at < lines.length; at++) {
    if (!CONSTANT.test(lines[at]!)) continue;
    const start = at;
    while (!isEnd(lines[at]!, at === start)) at++;
    lines[start] = lines[start]!.replace(CONSTANT, '$1/* @__PURE__ */ (() => (');
    lines[at] = lines[at]!.replace(/;$/, '))();');
  }
  return lines.join('\n');
}

/** A statement of several lines ends with one at the margin. */
const isEnd = (line: string, first: boolean) => line.endsWith(';') && (first || /^\S/.test(line));

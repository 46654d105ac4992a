import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { until } from './api.ts';

const FOLDER = join(import.meta.dirname, 'socket-programs');

/** The programs of a document's chapter about sockets, word for word. */
export async function programsOf(edition: 'inbox' | 'crm' | 'saas'): Promise<string[]> {
  const chapter = await readFile(join(FOLDER, `${edition}.md`), 'utf8');
  return [...chapter.matchAll(/```javascript\n(.*?)```/gs)].map(([, program]) => program!);
}

/** A line that the program, or the page around it, told. */
export interface Told {
  name: string;
  args: unknown[];
}

export interface RunningProgram {
  told: Told[];
  /** Waits for a line. */
  wait(name: string, fits?: (args: readonly never[]) => boolean): Promise<readonly never[]>;
  /** `type`: its person writes; `leave`: they close the page. */
  ask(what: 'type' | 'leave'): void;
  stop(): Promise<void>;
}

/**
 * Runs a program of a document as a page would.
 * @param changes texts that stand for an address, a token or an id, and what they are here
 */
export async function runProgram(
  program: string,
  changes: Record<string, string>,
  token = '',
): Promise<RunningProgram> {
  let text = program;
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`The program holds no ${from}`);
    text = text.replaceAll(from, to);
  }
  // Inside of the project, where the program finds the packages that it imports.
  const folder = await mkdtemp(join(import.meta.dirname, '.program-'));
  const file = join(folder, 'program.mjs');
  const own = /^import /m.test(text) ? '' : "import { io } from 'socket.io-client';\n";
  const typing = text.includes('function onUserTyping') ? '\nglobalThis.onUserTyping = onUserTyping;\n' : '';
  await writeFile(file, own + text + typing);
  const page = pathToFileURL(join(FOLDER, 'page.mjs')).href;
  const child = spawn(process.execPath, ['--import', page, file], {
    env: { ...process.env, NODE_OPTIONS: '', SOCKET_TOKEN: token },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const told: Told[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told));
  return {
    told,
    wait: (name, fits = () => true) =>
      until(
        `${name} of the program`,
        async () => told.find((one) => one.name === name && fits(one.args as never[]))?.args as never[] | undefined,
      ),
    ask: (what) => void child.stdin.write(`${what}\n`),
    stop: async () => {
      await ended(child);
      await rm(folder, { recursive: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exit;
}

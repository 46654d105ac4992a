import { readdirSync, readFileSync } from 'node:fs';

/** Processor time since a process began, in milliseconds. */
export interface Cpu {
  user: number;
  system: number;
}

/** Linux counts in these, independent of the kernel's own tick. */
const MS_PER_TICK = 10;

/** What every living process of the machine has used so far, by its id, and what it is. */
function readProcesses() {
  const all = new Map<number, { parent: number; title: string; own: Cpu; dead: Cpu }>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const title = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      // The name in parentheses may hold anything; behind it fields are counted from the third.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ms = (field: number) => Number(fields[field - 3]) * MS_PER_TICK;
      all.set(Number(entry), {
        parent: Number(fields[1]),
        title,
        own: { user: ms(14), system: ms(15) },
        dead: { user: ms(16), system: ms(17) },
      });
    } catch {
      // It has just ended; its parent has its time.
    }
  }
  return all;
}

/**
 * Processor time so far of each process in `pids`. Postgres is split by service: `postgres
 * conversation` are its connections, `postgres itself` is the rest.
 */
export function readMeshCpu(pids: Record<string, number | null>): Map<string, Cpu> {
  const all = readProcesses();
  const used = new Map<string, Cpu>();
  const add = (name: string, { user, system }: Cpu) => {
    const sum = used.get(name) ?? { user: 0, system: 0 };
    used.set(name, { user: sum.user + user, system: sum.system + system });
  };
  for (const [name, pid] of Object.entries(pids)) {
    const process = pid === null ? undefined : all.get(pid);
    if (!process) continue;
    if (name !== 'postgres') {
      add(name, process.own);
      continue;
    }
    add('postgres itself', process.own);
    add('postgres itself', process.dead);
    for (const child of all.values()) if (child.parent === pid) add(`postgres ${servedBy(child.title)}`, child.own);
  }
  return used;
}

/** `postgres: recado_conversation_worker recado 127.0.0.1(39210) idle` → `conversation` */
function servedBy(title: string): string {
  const role = /^postgres: recado_(\w+?)_(?:app|worker) /.exec(title)?.[1];
  if (role) return role.replaceAll('_', '-');
  return title.includes('(') ? 'bench' : 'itself';
}

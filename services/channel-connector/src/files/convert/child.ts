/**
 * The program that opens what customers send: a picture or sound that breaks it breaks nothing
 * else. It knows no secret and ends with its parent.
 */
import { setPriority } from 'node:os';
import type { ConvertAnswer, Converted, ConvertTask } from './task.ts';

/** Beside work that wants the processor it gets about a tenth of what that gets. */
const GIVES_WAY = 10;

// A signal for the whole group is the parent's affair.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
try {
  setPriority(GIVES_WAY);
} catch {
  // At the priority of everything else, then.
}

process.on('message', async ({ id, task }: { id: number; task: ConvertTask }) => {
  const answer: ConvertAnswer = { id };
  try {
    answer.result = await convert(task);
  } catch (error) {
    answer.error = error instanceof Error ? error.message : 'unknown';
  }
  process.send?.(answer);
});

// Each part is large: loaded by the first task that needs it.
async function convert({ kind, from, to }: ConvertTask): Promise<Converted> {
  if (kind === 'thumbnail') return (await import('./thumbnail.ts')).makeThumbnail(from, to);
  const { makeOgg, makePlayback } = await import('./sound.ts');
  return kind === 'ogg' ? makeOgg(from, to) : makePlayback(from, to);
}

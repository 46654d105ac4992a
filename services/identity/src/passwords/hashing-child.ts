/**
 * The program that computes hashes (hashing.ts starts it and tells why). It knows no secret but the
 * passwords it is sent, keeps none, and ends with its parent.
 */
import { getPriority, setPriority } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { ARGON, type HashingAnswer, type HashingTask } from './hashing-task.ts';

// A signal for the whole group is the parent's affair: it may still have log-ins to finish.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
try {
  setPriority(Math.max(Number(process.argv[2]), getPriority()));
} catch {
  // At the priority of everything else, then.
}

process.on('message', async (task: HashingTask) => {
  const answer: HashingAnswer = { id: task.id };
  try {
    if (task.stored === null) answer.hash = await hash(task.password, ARGON);
    else answer.right = await verify(task.stored, task.password);
  } catch (error) {
    answer.error = error instanceof Error ? error.message : 'unknown';
  }
  process.send?.(answer);
});

import { rm } from 'node:fs/promises';

/** Removes a mesh's folder. A server that is ending may still write into it for a moment. */
export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

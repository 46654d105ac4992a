import { readFileSync } from 'node:fs';
import type { Edition } from '@recado/contracts';

/** The record of the endpoints that hold. `npm run acceptance -- --write` brings it up to date. */
export const HELD_FILE = new URL('./held.json', import.meta.url);

export const readHeld = (): Record<Edition, string[]> => JSON.parse(readFileSync(HELD_FILE, 'utf8'));

import { readFileSync, statSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';

const FRAME = /(?:file:\/\/)?(\/[^\s():]*\/dist\/[^\s():]*\/main\.mjs):(\d+):(\d+)/g;
const maps = new Map<string, { changed: number; map: SourceMap }>();

/**
 * `dist/identity/main.mjs:12:34` → `services/identity/src/service.ts:56:7`. Translated where lines
 * are printed: in the processes, source maps would stay in memory.
 */
export function sourcePlaces(line: string): string {
  if (!line.includes('/main.mjs:')) return line;
  return line.replace(FRAME, (place: string, bundle: string, row: string, column: string) => {
    const found = mapOf(bundle)?.findEntry(Number(row) - 1, Number(column) - 1);
    if (!found || !('originalSource' in found) || !found.originalSource) return place;
    const source = resolve(dirname(bundle), found.originalSource.replace(/^file:\/\//, ''));
    return `${relative(process.cwd(), source)}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

function mapOf(bundle: string): SourceMap | null {
  try {
    const changed = statSync(`${bundle}.map`).mtimeMs;
    const known = maps.get(bundle);
    if (known?.changed === changed) return known.map;
    const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
    maps.set(bundle, { changed, map });
    return map;
  } catch {
    return null; // no map: the place in the bundle must do
  }
}

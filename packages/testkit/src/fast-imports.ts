import { registerHooks } from 'node:module';

/** Imports by vitest itself in this worker: one of a test file, many of a setup file. */
const imports = new Map<string, number>();

// For unit tests, which Node itself imports. This module is loaded once in a worker.
registerHooks({
  resolve(specifier, { parentURL, ...context }, next) {
    const format = parentURL && specifier.startsWith('.') ? formatOf(specifier, parentURL) : null;
    if (format) return { url: new URL(specifier, parentURL).href, format, shortCircuit: true };
    const resolved = next(specifier, { parentURL, ...context });
    return { ...resolved, url: countImport(resolved.url) };
  },
});

/** Of a file that is certainly beside its importer: no look at the disk is needed. */
function formatOf(specifier: string, parentURL: string): string | null {
  if (specifier.endsWith('.ts')) return 'module-typescript';
  // Node would read drizzle's package.json (180 kB) for each of its 120 modules: 1 s.
  return specifier.endsWith('.js') && parentURL.includes('/node_modules/drizzle-orm/') ? 'module' : null;
}

/** vitest puts the time into the address. With a count instead, Node's compile cache hits. */
function countImport(url: string): string {
  const end = url.indexOf('?vitest=');
  if (end < 0) return url;
  const file = url.slice(0, end);
  const count = (imports.get(file) ?? 0) + 1;
  imports.set(file, count);
  return `${file}?import=${count}`;
}

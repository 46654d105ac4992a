import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/** By these drizzle marks a table and keeps its columns: `getTableColumns` reads the second. */
const IS_TABLE = Symbol.for('drizzle:IsDrizzleTable');
const COLUMNS = 'drizzle:Columns';

type Column = { name: string; columnType: string };

/**
 * Gives bundles what `columns()` reads of a table, and leaves drizzle out: 2 MB in each process
 * (docs/decisions/2026-11-21-raw-sql-beside-drizzle.md).
 */
export const tablesAsData: Plugin = {
  name: 'tables-as-data',
  setup(build) {
    build.onLoad({ filter: /\/(services|packages)\/[\w-]+\/src\/schema(\/[\w-]+)?\.ts$/ }, async ({ path }) => {
      const tables = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
      return { contents: tablesModule(tables), loader: 'js' };
    });
  },
};

/** The sources of tables, from the root: the bundler sees only those that stores import. */
export const tableSources = (root: string): string[] =>
  globSync(['{services,packages}/*/src/schema.ts', 'services/*/src/schema/*.ts', 'packages/*/src/tables.ts'], {
    cwd: root,
  });

/** A module with the tables among these exports: the names and types of their columns. */
export function tablesModule(exports: Record<string, unknown>): string {
  const tables = Object.entries(exports).filter(([, value]) => isTable(value));
  const lines = tables.map(([name, table]) => {
    const columns = Object.entries((table as Record<symbol, Record<string, Column>>)[Symbol.for(COLUMNS)]!);
    const data = Object.fromEntries(columns.map(([key, { name, columnType }]) => [key, { name, columnType }]));
    return `export const ${name} = /* @__PURE__ */ table(${JSON.stringify(data)});`;
  });
  return [`const table = (columns) => ({ [Symbol.for('${COLUMNS}')]: columns });`, ...lines].join('\n');
}

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null && IS_TABLE in value;

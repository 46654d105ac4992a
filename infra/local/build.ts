import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVICES } from '@recado/contracts';
import { build as esbuild, type Plugin, stop as stopEsbuild } from 'esbuild';
import { pureContracts } from './pure-contracts.ts';
import { tableSources, tablesAsData } from './tables-as-data.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(ROOT, 'dist');
/** What the last build of these bundles was made of. */
const statePath = (names: string[]): string =>
  join(DIST, `.build-${names.length === ALL.length ? 'all' : names.join('+')}.json`);
/** Run once and end; in containers they are how one looks inside. */
export const TOOLS = ['migrate', 'dead-letters', 'tenants', 'events', 'rekey'];
const ALL = [...SERVICES, 'sandbox', ...TOOLS];

/** Programs that services start, beside their bundles. */
const CHILDREN: Record<string, Record<string, string>> = {
  identity: { 'identity/hashing-child': 'services/identity/src/passwords/hashing-child.ts' },
  'channel-connector': {
    'channel-connector/convert-child': 'services/channel-connector/src/files/convert/child.ts',
  },
};

/**
 * Stay outside the bundles: native code, packages that read their own files, and tracing, which is
 * large and loaded only when it is switched on. The image holds what this file lists.
 */
const RUNTIME = 'infra/docker/runtime/package.json';
const { dependencies } = JSON.parse(readFileSync(join(ROOT, RUNTIME), 'utf8')) as { dependencies: object };
/** ws would use these if they were installed. */
const OPTIONAL = ['bufferutil', 'utf-8-validate'];
const OUTSIDE = new RegExp(`^(${[...Object.keys(dependencies), ...OPTIONAL].join('|')})(/.*)?$`);

// CommonJS packages inside an ES module still ask for these.
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

interface State {
  /** Of the lockfile, this file and the list of entries. */
  key: string;
  /** Our own sources, by path from the root → time of change in ms. */
  sources: Record<string, number>;
}

export interface BuildResult {
  /** What has a bundle: the services, `sandbox`, the tools. */
  names: string[];
  /** False when nothing had changed. */
  built: boolean;
}

/** The bundle of a service, or of `sandbox`. */
export const bundlePath = (name: string): string => join(DIST, name, 'main.mjs');

/**
 * Bundles all services and the sandbox to `dist/<name>/main.mjs` when a source changed. A bundle
 * starts faster and takes less memory than a thousand files.
 * @param only these and no others
 * @throws with the compiler's messages
 */
export async function build(only?: string[]): Promise<BuildResult> {
  const entries = findEntries(only);
  const names = Object.keys(entries);
  const key = stateKey(names);
  if (isFresh(key, names)) return { names, built: false };

  const result = await esbuild({
    absWorkingDir: ROOT,
    entryPoints: {
      ...Object.fromEntries(names.map((name) => [`${name}/main`, entries[name] as string])),
      ...Object.assign({}, ...names.map((name) => CHILDREN[name])),
    },
    outdir: DIST,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    sourcemap: true,
    sourcesContent: false,
    minifyWhitespace: true,
    legalComments: 'none',
    lineLimit: 200,
    banner: { js: BANNER },
    // undici then leaves out its second HTTP parser, which is an experiment.
    define: { esbuildDetection: 'true' },
    metafile: true,
    logLevel: 'error',
    plugins: [outside, smallFastify, smallUndici, lateYaml, fewZodLanguages, tablesAsData, pureContracts],
  }).finally(() => stopEsbuild()); // its process would stay as long as ours
  for (const name of names) keepToAscii(bundlePath(name));
  const ours = Object.keys(result.metafile.inputs).filter(
    (path) => !path.includes('node_modules') && !path.includes(':'),
  );
  const all = new Set([...ours, ...tableSources(ROOT)]);
  const sources = Object.fromEntries([...all].map((path) => [path, statSync(join(ROOT, path)).mtimeMs]));
  writeFileSync(statePath(names), JSON.stringify({ key, sources } satisfies State));
  return { names, built: true };
}

function findEntries(only: string[] = ALL): Record<string, string> {
  const all = [
    ...SERVICES.map((name) => [name, `services/${name}/src/main.ts`]),
    ['sandbox', 'packages/sandbox/src/main.ts'],
    ['migrate', 'infra/docker/migrate.ts'],
    ['dead-letters', 'infra/local/dead-letters.ts'],
    ['tenants', 'infra/local/tenants.ts'],
    ['events', 'infra/local/events.ts'],
    ['rekey', 'infra/local/rekey.ts'],
  ];
  return Object.fromEntries(
    all.filter(([name, path]) => only.includes(name as string) && existsSync(join(ROOT, path as string))),
  );
}

function stateKey(names: string[]): string {
  const hash = createHash('sha256').update(names.join());
  for (const path of [
    'pnpm-lock.yaml',
    'infra/local/build.ts',
    'infra/local/tables-as-data.ts',
    'infra/local/pure-contracts.ts',
  ])
    hash.update(readFileSync(join(ROOT, path)));
  return hash.digest('hex');
}

function isFresh(key: string, names: string[]): boolean {
  if (!existsSync(statePath(names)) || !names.every((name) => existsSync(bundlePath(name)))) return false;
  const state = JSON.parse(readFileSync(statePath(names), 'utf8')) as State;
  if (state.key !== key) return false;
  return Object.entries(state.sources).every(
    ([path, changed]) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs === changed,
  );
}

/**
 * Points an outside import at the file its importer would get: pnpm shows a package only to those
 * that declare it.
 */
const outside: Plugin = {
  name: 'outside',
  setup(build) {
    build.onResolve({ filter: OUTSIDE }, ({ path, importer }) => {
      try {
        const file = createRequire(importer).resolve(path);
        return { path: relative(join(DIST, 'any'), file), external: true };
      } catch {
        return { path, external: true }; // optional, and not installed
      }
    });
  },
};

/**
 * Our servers bring zod's compilers (service-kit's zodCompilers). The text of Fastify's own would
 * stay in memory: 0.4 MB in each process.
 */
const smallFastify: Plugin = {
  name: 'small-fastify',
  setup(build) {
    const own = /require\('@fastify\/(ajv-compiler|fast-json-stringify-compiler)'\)/g;
    build.onLoad({ filter: /\/fastify\/lib\/schema-controller\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        own,
        `(() => () => { throw new Error('no JSON Schema in bundles') })`,
      ),
      loader: 'js',
    }));
  },
};

/**
 * undici's index loads its mocks, WebSocket, EventSource and caches at once: 9 MB in every process,
 * and none of ours uses them. They are left undefined in bundles.
 */
const UNUSED = /require\('\.\/lib\/(mock|cache|interceptor|web\/websocket|web\/eventsource)\/[^']+'\)/g;
/** One service uses fetch. It is loaded with the first use. */
const FETCH = /^const fetchImpl = (require\('\.\/lib\/web\/fetch'\)\.fetch)$/m;
const FETCH_CLASS = /^module\.exports\.(\w+) = (require\('\.\/lib\/web\/fetch\/\w+'\)\.\w+)$/gm;
const CACHES = /^(const { CacheStorage }|module\.exports\.caches) = .*$/gm;

const smallUndici: Plugin = {
  name: 'small-undici',
  setup(build) {
    build.onLoad({ filter: /\/undici\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace(UNUSED, '({})')
        .replace(CACHES, '')
        .replace(FETCH, 'const fetchImpl = (...args) => $1(...args)')
        .replace(FETCH_CLASS, "Object.defineProperty(module.exports, '$1', { enumerable: true, get: () => $2 })"),
      loader: 'js',
    }));
  },
};

/**
 * @fastify/swagger loads `yaml` at once, 0.2 MB in every process. Here it is loaded with the first
 * document in YAML.
 */
const lateYaml: Plugin = {
  name: 'late-yaml',
  setup(build) {
    const late = "{ stringify: (...args) => require('yaml').stringify(...args) }";
    build.onLoad({ filter: /\/@fastify\/swagger\/lib\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("require('yaml')", late),
      loader: 'js',
    }));
  },
};

/**
 * zod brings its messages in sixty languages, a third of a megabyte. These are what the gateway's
 * `languages/` build on.
 */
const ZOD_LANGUAGES = /^export \{ default as (en|es|ptBR) \}.*$/gm;

const fewZodLanguages: Plugin = {
  name: 'few-zod-languages',
  setup(build) {
    build.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').match(ZOD_LANGUAGES)?.join('\n') ?? '',
      loader: 'js',
    }));
  },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
const BEYOND_ASCII = /[^\x00-\x7f]/g;

/**
 * One non-ASCII character makes Node keep two bytes per character of a bundle: 3 to 4 MB a process.
 * esbuild leaves those in regular expressions; an escape means the same there.
 */
function keepToAscii(bundle: string): void {
  const text = readFileSync(bundle, 'utf8');
  const escaped = text.replace(BEYOND_ASCII, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (escaped !== text) writeFileSync(bundle, escaped);
}

if (import.meta.main) {
  const started = performance.now();
  const only = process.argv.slice(2);
  const { names, built } = await build(only.length > 0 ? only : undefined);
  const took = `${Math.round(performance.now() - started)} ms`;
  console.log(
    built ? `Bundled ${names.join(', ')} into dist/ in ${took}` : `Nothing has changed in ${names.join(', ')}`,
  );
}

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DRIVERS = 'services/channel-connector/src/providers/';
/** What ships, apart from the drivers and the simulators of their providers. */
const SOURCES = /^(services|packages)\/(?!sandbox\/|testkit\/)[^/]+\/src\/.*\.ts$/;

/** Where a driver's name, or the same word with another meaning, may stand. */
const EXCEPTIONS: { files: RegExp; text: RegExp; why: string }[] = [
  { files: /./, text: /RECADO_(META|EVOLUTION|WPPCONNECT)_\w+/g, why: 'environment variables' },
  { files: /./, text: /\bprovider: (z\.literal\()?'(meta|evolution|wppconnect)'/g, why: "a provider's name as data" },
  { files: /internal\/channel\.ts$/, text: /PROVIDERS = \[.*\]/g, why: "the providers' names as data" },
  { files: /editions\/(crm|bots)\//, text: /números de: [\w, ]+'/g, why: "a provider's name as data" },
  {
    files: /editions\/|languages\/failures-/,
    text: /\b(?:de|en|da|na) (?:Meta|Evolution API|WPPConnect)\b/g,
    why: 'where people go, in their sentences',
  },
  { files: /editions\/crm\//, text: /\b(meta|evolution|wppconnect)_\w+/g, why: 'documented fields' },
  { files: /editions\/crm\//, text: /\/webhooks\/whatsapp\/(meta|wppconnect)\//g, why: 'a public path' },
  { files: /wire\/webhook-frames\.ts$/, text: /'\/webhooks\/meta\/frames'/g, why: 'a path of the previous version' },
  { files: /editions\/crm\//, text: /\bpageMeta\b|\bmeta: |\.meta\b/g, why: "the page's numbers, as documented" },
  {
    files: /editions\/(bots\/system|saas\/health)\//,
    text: /\bevolution(Api)?: |\b(EVOLUTION|Evolution)\b/g,
    why: 'documented fields',
  },
  { files: /./, text: /\bimport\.meta\b|\.meta\(/g, why: 'JavaScript and zod' },
  { files: /database\/src\//, text: /'meta', '_journal\.json'/g, why: "drizzle-kit's folder" },
  { files: /./, text: /<meta /g, why: 'HTML' },
];

const drivers = readdirSync(ROOT + DRIVERS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .split('\n')
  .filter((path) => SOURCES.test(path) && !path.startsWith(DRIVERS) && !path.endsWith('.test.ts'));
const sources = paths.map((path) => [path, readFileSync(ROOT + path, 'utf8')] as const);

/** The word by itself or in a name (`metaId`, `pageMeta`, `META_URL`), not `metadata`. */
function wordPattern(word: string): RegExp {
  const [title, upper] = [word[0]!.toUpperCase() + word.slice(1), word.toUpperCase()];
  return new RegExp(`(?<![a-z])${word}(?![a-z])|${title}(?![a-z])|(?<![A-Za-z])${upper}(?![A-Za-z])`);
}

function findWord(word: string, path: string, source: string): string[] {
  const pattern = wordPattern(word);
  const allowed = EXCEPTIONS.filter(({ files: where }) => where.test(path));
  return source.split('\n').flatMap((line, i) => {
    if (!pattern.test(line)) return [];
    const rest = allowed.reduce((text, { text: exception }) => text.replaceAll(exception, ''), line);
    return pattern.test(rest) ? [`${path}:${i + 1} ${line.trim()}`] : [];
  });
}

describe('a provider is named by its driver alone', () => {
  it('looks at drivers and at sources', () => {
    expect(drivers).toContain('meta');
    expect(sources.length).toBeGreaterThan(300);
  });

  it.each(drivers)('no other source names %s', (driver) => {
    expect(sources.flatMap(([path, source]) => findWord(driver, path, source))).toEqual([]);
  });

  it('finds a provider’s name alone and in identifiers, but not inside other words', () => {
    const found = (line: string) => findWord('meta', 'services/x/src/a.ts', line).length === 1;
    const named = ["if (provider === 'meta')", '// Meta says', 'const metaId = 1', 'isMeta(x)', 'META_URL', 'a-meta-b'];
    expect(named.filter((line) => !found(line))).toEqual([]);
    const others = ['metadata', 'fitMetadata(x)', 'MAX_METADATA', "provider: 'meta'", 'z.object({}).meta({ id })'];
    expect(others.filter(found)).toEqual([]);
  });
});

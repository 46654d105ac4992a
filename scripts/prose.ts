// Counts prose that STYLE.md advises against, per folder; prose-baseline.json may only fall.
// `--write` saves lower counts, `--list packages/database` shows what was counted.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import jsTokens from 'js-tokens';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BASELINE = `${ROOT}scripts/prose-baseline.json`;
const MOST_WORDS = 30;
const MOST_LINES = 2;
const MOST_COLUMNS = 100;
/** The left column of the table in STYLE.md. */
const AVOID =
  /\b(nobody|somebody|meanwhile|no one|whoever|whatever|what is \w+ that|who may what|kick(s|ed|ing)?|parcels?|take-?off|landed|go-?on|govern(s|ed)?|incarnations?|stand-ins?)\b/gi;
/** Generated, or the list itself. */
const SKIP = /^(docs\/(openapi|contracts|asyncapi)|STYLE\.md|GLOSSARY\.md|.*\/migrations\/)/;

interface Counts {
  longSentences: number;
  longComments: number;
  words: number;
}
type Kind = keyof Counts;
interface Text {
  line: number;
  text: string;
}

interface Comment {
  line: number;
  /** The line of its end. */
  end: number;
  lines: string[];
  columns: number;
}

/** Adjacent line comments are one comment. */
function findComments(source: string): Comment[] {
  const rows = source.split('\n');
  const found: Comment[] = [];
  let line = 1;
  for (const { type, value } of jsTokens(source)) {
    const span = value.split('\n').length - 1;
    if (type === 'SingleLineComment' || type === 'MultiLineComment') {
      const columns = Math.max(...rows.slice(line - 1, line + span).map((row) => row.length));
      const text = value
        .replace(/^\/\*+|\*\/$/g, '')
        .split('\n')
        .map((one) => one.replace(/^\s*(\/\/+|\*)/, '').trim())
        .filter((one) => one !== '');
      const last = found.at(-1);
      const alone = /^\s*\/\//.test(rows[line - 1] ?? '');
      if (type === 'SingleLineComment' && alone && last && last.end === line - 1) {
        last.lines.push(...text);
        last.end = line;
        last.columns = Math.max(last.columns, columns);
      } else found.push({ line, end: line + span, lines: text, columns });
    }
    // A line break is a token of its own, or part of a comment or template.
    line += span;
  }
  return found;
}

/** Paragraphs of a document, without code, tables and links' addresses. */
function findParagraphs(markdown: string): Text[] {
  const plain = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, (code) => code.replace(/[^\n]/g, ''));
  const found: Text[] = [];
  let line = 1;
  for (const block of plain.split(/(?<=\n)(?=\s*\n|\s*[-*|#]|\s*\d+\. )/)) {
    found.push({
      line,
      text: block
        .replace(/\]\([^)]*\)/g, ']')
        .replaceAll('|', '. ')
        .replace(/\s+/g, ' '),
    });
    line += block.split('\n').length - 1;
  }
  return found;
}

function check(path: string): { kind: Kind; line: number; what: string }[] {
  const source = readFileSync(`${ROOT}${path}`, 'utf8');
  const found: { kind: Kind; line: number; what: string }[] = [];
  let texts: Text[];
  if (path.endsWith('.md')) texts = findParagraphs(source);
  else {
    const comments = findComments(source);
    for (const { line, lines, columns } of comments)
      if (lines.filter((one) => !/^@/.test(one)).length > MOST_LINES || columns > MOST_COLUMNS)
        found.push({ kind: 'longComments', line, what: lines.join(' ') });
    texts = comments.map(({ line, lines }) => ({ line, text: lines.join(' ') }));
  }
  for (const { line, text } of texts) {
    for (const sentence of text.split(/(?<=[.!?])\s+/))
      if (sentence.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length > MOST_WORDS)
        found.push({ kind: 'longSentences', line, what: sentence });
    for (const [word] of text.matchAll(AVOID)) found.push({ kind: 'words', line, what: word });
  }
  return found;
}

/** `services/identity`, `docs`, `tests` … */
const folderOf = (path: string): string =>
  /^((?:packages|services|infra)\/[^/]+|[^/]+(?=\/))/.exec(path)?.[1] ?? 'root';

const files = execFileSync('git', ['ls-files', '-z', '*.ts', '*.mjs', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path && !SKIP.test(path) && existsSync(`${ROOT}${path}`));
const listed = process.argv[2] === '--list' ? (process.argv[3] ?? '') : undefined;
const now: Record<string, Counts> = {};
for (const path of files) {
  const counts = now[folderOf(path)] ?? { longSentences: 0, longComments: 0, words: 0 };
  now[folderOf(path)] = counts;
  for (const { kind, line, what } of check(path)) {
    counts[kind] += 1;
    if (listed !== undefined && path.startsWith(listed)) console.log(`${path}:${line} ${kind}: ${what}`);
  }
}
if (listed !== undefined) process.exit(0);

const before: Record<string, Counts> = existsSync(BASELINE) ? JSON.parse(readFileSync(BASELINE, 'utf8')) : now;
let rose = 0;
for (const folder of new Set([...Object.keys(before), ...Object.keys(now)])) {
  for (const kind of ['longSentences', 'longComments', 'words'] as const) {
    const was = before[folder]?.[kind] ?? 0;
    const is = now[folder]?.[kind] ?? 0;
    if (is > was)
      console.error(`${folder}: ${kind} rose from ${was} to ${is} (node scripts/prose.ts --list ${folder})`);
    if (is < was) console.log(`${folder}: ${kind} fell from ${was} to ${is}: run node scripts/prose.ts --write`);
    if (is > was) rose += 1;
  }
}
if (process.argv[2] === '--write' && rose === 0) {
  const sorted = Object.fromEntries(Object.entries(now).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(BASELINE, `${JSON.stringify(sorted, null, 2)}\n`);
}
const total = (kind: Kind): number => Object.values(now).reduce((sum, counts) => sum + counts[kind], 0);
console.log(
  `${total('longSentences')} long sentences, ${total('longComments')} long comments, ${total('words')} words to avoid`,
);
process.exit(rose > 0 ? 1 : 0);

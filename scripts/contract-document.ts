import type { DocumentedEndpoint } from '../tests/support/documents.ts';

export interface Place {
  method: string;
  path: string;
  url: string;
  line: number;
}

interface Block {
  line: number;
  /** The nearest line of text above it. */
  label: string;
  language: string;
  text: string;
}

/**
 * Reads the examples of a document: endpoints in the catalogue's order, named shapes below other
 * headings, and lines of examples that are no JSON.
 * @param markdown the whole document
 * @param places where its endpoints stand, by the catalogue
 */
export function readDocument(markdown: string, places: readonly Place[]) {
  const lines = markdown.split('\n');
  const unread: number[] = [];
  const starts = new Set(places.map(({ line }) => line));
  const endpoints = places.map((place) => readEndpoint(lines, place, endOf(lines, place.line, starts), unread));
  return { endpoints, shapes: readShapes(lines, unread), unread };
}

function readEndpoint(lines: string[], place: Place, end: number, unread: number[]): DocumentedEndpoint {
  const { method, path, url, line } = place;
  const section = lines.slice(line - 1, end);
  const endpoint: DocumentedEndpoint = {
    ...{ method, path, url, line },
    query: queryOf(lines[line - 1] ?? ''),
    queryParams: listed(section, /^\*\*Query[^*]*\*\*:?/i),
    headers: headersOf(section),
    permission: section.map((text) => /^\*\*Permisos\*\*: `([^`]+)`/.exec(text)?.[1]).find(Boolean) ?? null,
    requests: [],
    answers: [],
  };
  for (const text of section) readStatement(text, endpoint);
  for (const block of blocksOf(lines, line, end)) addExample(block, endpoint, unread);
  return endpoint;
}

/**
 * A section ends at the next heading or the next endpoint. The scheduler document lists endpoints,
 * one a line.
 */
function endOf(lines: string[], start: number, starts: Set<number>): number {
  let inCode = isInsideCode(lines, start);
  for (let at = start; at < lines.length; at++) {
    if (starts.has(at + 1)) return at;
    if (lines[at]!.startsWith('```')) inCode = !inCode;
    else if (!inCode && /^(#{1,4} |---)/.test(lines[at]!)) return at;
  }
  return lines.length;
}

function isInsideCode(lines: string[], end: number): boolean {
  return lines.slice(0, end).filter((line) => line.startsWith('```')).length % 2 === 1;
}

function blocksOf(lines: string[], start: number, end: number): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let label = '';
  let skipping = isInsideCode(lines, start);
  for (let at = start; at < end; at++) {
    const line = lines[at]!;
    if (line.startsWith('```')) {
      if (skipping) skipping = false;
      else if (open) open = null;
      else {
        open = { line: at + 2, label, language: line.slice(3).trim(), text: '' };
        blocks.push(open);
      }
    } else if (open) open.text += `${line}\n`;
    else if (!skipping && line.trim() !== '') label = line.trim();
  }
  return blocks;
}

function addExample(block: Block, endpoint: DocumentedEndpoint, unread: number[]): void {
  const kind = kindOf(block.label);
  if (!kind || (block.language !== 'json' && block.language !== '')) return;
  const partial = /\.\.\.\s*[}\]]|\/\/ \.\.\./.test(block.text);
  const body = parseExample(block.text);
  if (body === undefined) {
    if (block.language === 'json') unread.push(block.line);
    return;
  }
  if (kind === 'request') endpoint.requests.push({ label: plain(block.label), body });
  else endpoint.answers.push({ status: statusOf(block.label), body, ...(partial && { partial }) });
}

/** Lines that state a body or an answer without an example. */
function readStatement(text: string, endpoint: DocumentedEndpoint): void {
  if (/^\*\*Body\*\*: `multipart\/form-data`/.test(text)) endpoint.requests.push({ label: plain(text), multipart: [] });
  const form = endpoint.requests.at(-1)?.multipart;
  const field = /^- `([^`]+)`/.exec(text)?.[1];
  if (form && field) form.push(field);
  const answer = /^\*\*Response( \d+)?:?\*\*:? (?!$)(.+)/.exec(text);
  if (answer) endpoint.answers.push({ status: statusOf(text), text: answer[2]!.trim() });
}

function kindOf(label: string): 'request' | 'answer' | null {
  if (/^\*\*(Request|Body|Recepción)/i.test(label)) return 'request';
  if (/^\*\*Response/i.test(label)) return 'answer';
  return null;
}

const statusOf = (label: string): number | null => Number(/\b([2-5]\d\d)\b/.exec(label)?.[1]) || null;
const plain = (label: string): string => label.replace(/[*:`]/g, '').trim();

function queryOf(line: string): Record<string, string> {
  const text = /\?([^\s`]+)/.exec(line)?.[1];
  return text ? Object.fromEntries(new URLSearchParams(text)) : {};
}

function headersOf(section: string[]): string[] {
  const named = listed(section, /^\*\*Headers:\*\*/);
  const inline = section.flatMap((line) =>
    [...line.matchAll(/^\*\*Headers\*\*: `([\w-]+):/g)].map(([, name]) => name!),
  );
  return [...new Set([...named, ...inline].map((text) => text.split(':')[0]!))];
}

/** The names of the bullet list below a heading line. */
function listed(section: string[], heading: RegExp): string[] {
  const at = section.findIndex((line) => heading.test(line));
  if (at < 0) return [];
  const names: string[] = [];
  for (const line of section.slice(at + 1)) {
    const name = /^- `([^`]+)`/.exec(line)?.[1];
    if (name) names.push(name.split(/[=:]/)[0]!);
    else if (line.trim() !== '') break;
  }
  return names;
}

/**
 * Shapes that a document shows once for several endpoints: JSON under a heading of level 3 that is
 * no endpoint.
 */
function readShapes(lines: string[], unread: number[]): Record<string, unknown> {
  const shapes: Record<string, unknown> = {};
  const from = lines.findIndex((line) => line.includes('JSON Schemas'));
  if (from < 0) return shapes;
  const end = lines.findIndex((line, at) => at > from && line.startsWith('## '));
  for (const block of blocksOf(lines, from, end)) {
    const value = parseExample(block.text);
    if (value === undefined) unread.push(block.line);
    else shapes[block.label.replace(/^#+ /, '')] = value;
  }
  return shapes;
}

/**
 * Parses an example that may hold comments, ellipses and a trailing comma. Undefined when it is no
 * JSON even so.
 */
function parseExample(text: string): unknown {
  const bare = text
    .split('\n')
    .map((line) => line.replace(/(^|[\s,])\/\/.*$/, '$1'))
    .join('\n')
    .replace(/([{[,]\s*)\.\.\.(\s*[}\]])/g, '$1$2')
    .replace(/,(\s*[}\]])/g, '$1');
  try {
    return JSON.parse(bare);
  } catch {
    return undefined;
  }
}

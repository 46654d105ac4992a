import { type CannedVariable, FIELD_CODES, type FieldError, MAX_CANNED_VARIABLES } from '@recado/contracts';

/** What a conversation, its contact and its people fill in. */
const KNOWN = new Set([
  'contact.name',
  'contact.first_name',
  'contact.last_name',
  'contact.phone',
  'contact.email',
  'contact.company',
  'agent.name',
  'agent.first_name',
  'chat.id',
  'company.name',
]);
const CUSTOM = 'contact.custom.';
const ASKED = 'ask:';
/** Of a custom field's key and of what is asked. */
const MAX_NAME = 60;

const VARIABLE = /\{\{([^{}]*)\}\}/g;

/** A text cut at its variables. `written`: the variable as it stands there. */
export type Part = { text: string } | (CannedVariable & { written: string });
const isVariable = (part: Part): part is CannedVariable & { written: string } => 'written' in part;

/** The parts of a text in their order. Variables that do not exist stay text. */
export function partsOfAnswer(content: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: written, 1: inner = '', index } of content.matchAll(VARIABLE)) {
    const variable = readVariable(inner);
    if (!variable) continue;
    if (index > end) parts.push({ text: content.slice(end, index) });
    parts.push({ ...variable, written });
    end = index + written.length;
  }
  if (end < content.length) parts.push({ text: content.slice(end) });
  return parts;
}

/** Null: there is no such variable. */
function readVariable(inner: string): CannedVariable | null {
  const bar = inner.indexOf('|');
  const name = (bar === -1 ? inner : inner.slice(0, bar)).trim();
  const rest = { default: bar === -1 ? null : inner.slice(bar + 1).trim() };
  if (KNOWN.has(name)) return { name, isAsked: false, ...rest };
  if (name.startsWith(CUSTOM)) return isName(name.slice(CUSTOM.length)) ? { name, isAsked: false, ...rest } : null;
  if (!name.startsWith(ASKED)) return null;
  const asked = name.slice(ASKED.length).trim();
  // A question never takes the value of another variable.
  return isName(asked) && !KNOWN.has(asked) && !asked.startsWith(CUSTOM)
    ? { name: asked, isAsked: true, ...rest }
    : null;
}

const isName = (name: string): boolean => name.length > 0 && name.length <= MAX_NAME;

/** The variables of a text, each once. */
export function variablesOf(content: string): CannedVariable[] {
  const byName = new Map<string, CannedVariable>();
  for (const part of partsOfAnswer(content)) {
    if (!isVariable(part)) continue;
    const { written: _, ...variable } = part;
    const known = byName.get(variable.name);
    if (!known) byName.set(variable.name, variable);
    else if (known.default === null) known.default = variable.default;
  }
  return [...byName.values()];
}

/** What is wrong with a text: braces that are no variable, or too many of them. */
export function answerFaults(content: string): FieldError[] {
  const parts = partsOfAnswer(content);
  const said = parts
    .filter((part) => 'text' in part)
    .flatMap(({ text }) => text.match(/\{\{[^}]{0,120}\}{0,2}|\}\}/g) ?? [])
    .slice(0, 3)
    .join(', ');
  const code = 'canned_variable' as const;
  if (said !== '') return [{ field: 'content', code, message: FIELD_CODES[code], params: { said } }];
  const count = parts.filter(isVariable).length;
  if (count <= MAX_CANNED_VARIABLES) return [];
  return [{ field: 'content', code: 'canned_values', message: FIELD_CODES.canned_values }];
}

export interface Filled {
  content: string;
  missing: CannedVariable[];
}

/** The text with its values, each put in once: what looks like a variable in a value stays text. */
export function fillAnswer(content: string, values: ReadonlyMap<string, string>): Filled {
  const variables = variablesOf(content);
  const found = new Map(
    variables.map((one) => [one.name, values.get(one.name)?.trim() || one.default || null] as const),
  );
  const filled = partsOfAnswer(content).map((part) =>
    isVariable(part) ? (found.get(part.name) ?? part.written) : part.text,
  );
  return { content: filled.join(''), missing: variables.filter(({ name }) => found.get(name) === null) };
}

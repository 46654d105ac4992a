import type { ConditionResult, RuleCondition, RuleQuestion } from '@recado/contracts';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { MAX_MATCHED } from './pattern-size.ts';

/** What conditions ask about. */
export interface ChatFacts {
  /** The words of the message; null where the event has none. */
  text: string | null;
  channelId: string;
  campaignId: string | null;
  assignedUserId: string | null;
  status: string;
  priority: string;
  /** Names. */
  tags: readonly string[];
  contact: Readonly<Record<ContactField, string | null>>;
  leadStatus: string;
  contactTags: readonly string[];
  customFields: Readonly<Record<string, unknown>>;
  isOpen: boolean;
}
export type ContactField = Extract<RuleQuestion, { type: 'contact' }>['name'];

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
/** The words of a message are folded once for all questions of a rule. */
const foldedTexts = new WeakMap<ChatFacts, string>();
function foldedText(facts: ChatFacts): string {
  const folded = foldedTexts.get(facts) ?? fold(facts.text ?? '');
  foldedTexts.set(facts, folded);
  return folded;
}
const isSame = (a: string, b: string): boolean => fold(a) === fold(b);

/** Patterns of users: RE2's time grows with the text and never faster. */
const compiled = new LRUCache<string, RE2JS>({ max: 1000 });

/** @throws an error for what is no pattern of RE2 */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  compiled.set(pattern, made);
  return made;
}

/** Whether a condition holds, and each of those in its group. */
export function explain(condition: RuleCondition, facts: ChatFacts): ConditionResult {
  const { type } = condition;
  if (type !== 'all' && type !== 'any') return { type, holds: answer(condition as RuleQuestion, facts) };
  const conditions = (condition as { conditions: RuleCondition[] }).conditions.map((one) => explain(one, facts));
  const holds = type === 'all' ? conditions.every((one) => one.holds) : conditions.some((one) => one.holds);
  return { type, holds, conditions };
}

function answer(question: RuleQuestion, facts: ChatFacts): boolean {
  switch (question.type) {
    case 'text':
      return facts.text !== null && compareText(question.op, facts.text, question.value, () => foldedText(facts));
    case 'channel':
      return isIn(question, facts.channelId);
    case 'campaign':
      return isIn(question, facts.campaignId);
    case 'assignee':
      return isIn(question, facts.assignedUserId);
    case 'status':
      return isIn(question, facts.status);
    case 'priority':
      return isIn(question, facts.priority);
    case 'lead_status':
      return isIn(question, facts.leadStatus);
    case 'tag':
      return (question.op === 'has') === facts.tags.some((tag) => isSame(tag, question.value));
    case 'contact_tag':
      return (question.op === 'has') === facts.contactTags.some((tag) => isSame(tag, question.value));
    case 'contact':
      return compareField(question, facts.contact[question.name]);
    case 'custom_field':
      return compareField(question, facts.customFields[question.name]);
    case 'business_hours':
      return facts.isOpen === question.is;
  }
}

const isIn = ({ op, values }: { op: 'in' | 'not_in'; values: readonly (string | null)[] }, value: string | null) =>
  values.includes(value) === (op === 'in');

function compareText(
  op: 'contains' | 'equals' | 'starts_with' | 'matches',
  text: string,
  value: string,
  folded = () => fold(text),
): boolean {
  if (op === 'matches') return compilePattern(value).matcher(text.slice(0, MAX_MATCHED)).find();
  const [a, b] = [folded().trim(), fold(value)];
  return op === 'equals' ? a === b : op === 'contains' ? a.includes(b) : a.startsWith(b);
}

type FieldQuestion = Extract<RuleQuestion, { type: 'contact' | 'custom_field' }>;

function compareField({ op, value: wanted }: FieldQuestion, value: unknown): boolean {
  const isSet = value !== null && value !== undefined && value !== '';
  if (op === 'is_set' || op === 'is_not_set') return isSet === (op === 'is_set');
  if (!isSet || wanted === null) return false;
  if (op === 'over' || op === 'under') {
    const [a, b] = [Number(value), Number(wanted)];
    return op === 'over' ? a > b : a < b;
  }
  const values = Array.isArray(value) ? value : [value];
  return values.some((one) => compareText(op, String(one), String(wanted)));
}

import type {
  ChannelReason,
  ConflictCause,
  ErrorCode,
  FieldCode,
  LineWords,
  MEDIA_FAILURES,
  MissingThing,
} from '@recado/contracts';
import type { z } from 'zod';
import type { FailureTexts } from './failures.ts';
import type { NotificationTexts } from './notifications.ts';

/**
 * One thing wrong with the input, as zod raises it (or a service reports it: then without `input`).
 */
export type Issue = z.core.$ZodRawIssue;

type Counted = 'string' | 'array' | 'set';

/** The sentences of one language, each by its key. A missing key is a type error. */
export interface Language {
  /** BCP 47. */
  tag: 'es' | 'pt-BR';
  /** The sentence for each code of the one error table. */
  errors: Record<ErrorCode, string>;
  /** For a 404 and a 409 that name what they are about. */
  notFound: Record<MissingThing, string>;
  conflict: Record<ConflictCause, string>;
  /** For our own field codes and for string formats. */
  fields: Record<FieldCode, string>;
  /** For a value of another type than the expected one. */
  types: Record<'string' | 'number' | 'int' | 'boolean' | 'array' | 'object' | 'record', string>;
  units: Record<Counted, [one: string, many: string]>;
  sizes: {
    empty: string;
    tooSmall: string;
    tooBig: string;
    atLeast(amount: string): string;
    atMost(amount: string): string;
    above(limit: string): string;
    from(limit: string): string;
    below(limit: string): string;
    upTo(limit: string): string;
  };
  oneOf(values: string): string;
  /** For a 415 where a form with a file is expected. */
  formExpected: string;
  /** For an Idempotency-Key that cannot be one. */
  badKey: string;
  /** For a bad field of which no more can be said. */
  invalid: string;
  /** zod's own sentences, for the rest. */
  zod: z.core.$ZodErrorMap;
  /** The notifications to users, by kind. */
  notifications: NotificationTexts;
  /** What stands for messages without words of their own. */
  lines: LineWords;
  /** Why a message failed, by the code. */
  failures: FailureTexts;
  /** Why a number does not work. */
  reasons: Record<ChannelReason, string>;
  /** Why the file of a message is not here. */
  mediaFailures: Record<(typeof MEDIA_FAILURES)[number], string>;
}

/** What an edition's document words otherwise than its language does. */
export interface OwnWords {
  errors?: Partial<Language['errors']>;
  fields?: Partial<Language['fields']>;
  failures?: Partial<FailureTexts>;
}

/** A language with an edition's own sentences. */
export const withWords = (language: Language, { errors, fields, failures }: OwnWords): Language => ({
  ...language,
  errors: { ...language.errors, ...errors },
  fields: { ...language.fields, ...fields },
  failures: { ...language.failures, ...failures },
});

/** The sentence under a key, which a service of another version may have made up. */
export function findSentence(table: Readonly<Record<string, string>>, key: unknown): string | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A sentence with its `{places}` filled in. */
export const fillSentence = (sentence: string, values: Readonly<Record<string, unknown>> = {}): string =>
  sentence.replace(/\{([a-z]+)\}/gi, (place, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : place,
  );

/** What is wrong with one field. */
export function issueText(language: Language, issue: Issue): string {
  const { fields, sizes, types } = language;
  switch (issue.code) {
    case 'custom':
      return findSentence(fields, issue.params?.code) ?? language.invalid;
    case 'invalid_type':
      if ('input' in issue && issue.input === undefined) return fields.required;
      return findSentence(types, issue.expected) ?? zodText(language, issue);
    case 'too_small':
      // A service may say no more than the code.
      if (issue.minimum === undefined) return sizes.tooSmall;
      if (issue.origin === 'string' && issue.minimum === 1) return sizes.empty;
      if (isCounted(issue.origin)) return sizes.atLeast(amount(language, issue.origin, issue.minimum));
      return issue.inclusive === false ? sizes.above(String(issue.minimum)) : sizes.from(String(issue.minimum));
    case 'too_big':
      if (issue.maximum === undefined) return sizes.tooBig;
      if (isCounted(issue.origin)) return sizes.atMost(amount(language, issue.origin, issue.maximum));
      return issue.inclusive === false ? sizes.below(String(issue.maximum)) : sizes.upTo(String(issue.maximum));
    case 'invalid_format':
      return findSentence(fields, issue.format) ?? zodText(language, issue);
    case 'invalid_value':
      return language.oneOf(issue.values.map(String).join(', '));
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? language.oneOf(issue.options.map(String).join(', '))
        : zodText(language, issue);
    default:
      return zodText(language, issue);
  }
}

const COUNTED: readonly string[] = ['string', 'array', 'set'] satisfies Counted[];
const isCounted = (origin: string): origin is Counted => COUNTED.includes(origin);

function amount({ units }: Language, origin: Counted, count: number | bigint): string {
  return `${count} ${units[origin][Number(count) === 1 ? 0 : 1]}`;
}

function zodText(language: Language, issue: Issue): string {
  const found = language.zod(issue);
  return (typeof found === 'string' ? found : found?.message) ?? language.invalid;
}

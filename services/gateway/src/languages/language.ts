import type { ErrorCode } from '@recado/contracts';
import type { z } from 'zod';
import type { NotificationTexts } from './notifications.ts';

/** One thing wrong with the input, as zod raises it (or a service reports it: then without `input`). */
export type Issue = z.core.$ZodRawIssue;

/** What an edition says to people: one object per language, chosen by the edition. */
export interface Language {
  /** BCP 47. */
  tag: 'es' | 'pt-BR';
  /** The sentence for each code of the one error table. */
  errors: Record<ErrorCode, string>;
  /** 404 for a known kind of thing, 409 likewise; other kinds get the general sentence. */
  notFound: Record<string, string>;
  conflict: Record<string, string>;
  /** What is wrong with one field. */
  issue(issue: Issue): string;
  /** Sentences for the fixed English messages of the contracts' primitives. */
  messages: Record<string, string>;
  unknownField: string;
  /** For a bad field of which no more can be said. */
  invalid: string;
  /** Sentences for field codes of our own (not zod's): `required`, `unknown`, `nul`, `password_common` … */
  codes: Record<string, string>;
  /** What a person is told, by kind. */
  notifications: NotificationTexts;
}

import { PROVIDER_ERROR_CODES, readChannelReason } from '@recado/contracts';
import { expect, test } from 'vitest';
import { EVOLUTION_ERRORS } from './evolution/errors.ts';
import { META_ERRORS } from './meta/errors.ts';
import { WPPCONNECT_ERRORS } from './wppconnect/errors.ts';

const explained = new Set<string>(PROVIDER_ERROR_CODES);

test.each([
  ['meta', META_ERRORS],
  ['evolution', EVOLUTION_ERRORS],
  ['wppconnect', WPPCONNECT_ERRORS],
])('every code of %s has a sentence in the languages of the gateway', (_name, errors) => {
  // Meta gives 200 to 299 to permissions, which share one sentence.
  const missing = Object.keys(errors).filter((code) => !explained.has(code) && !/^2\d\d$/.test(code));
  expect(missing).toEqual([]);
});

/** Refusals that can be about a number: of a check, or of a send that stops it. */
const ABOUT_NUMBERS = new Set(['stop', 'credentials', 'retry', 'throttled']);

test.each([
  ['meta', META_ERRORS],
  ['evolution', EVOLUTION_ERRORS],
  ['wppconnect', WPPCONNECT_ERRORS],
])('what %s says of a number can be said in each language', (_name, errors) => {
  const about = Object.values(errors).filter(({ kind }) => ABOUT_NUMBERS.has(kind));
  expect(about.length).toBeGreaterThan(0);
  expect(about.map(({ reason }) => reason).filter((reason) => readChannelReason(reason) === null)).toEqual([]);
});

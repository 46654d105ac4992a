import { PROVIDER_ERROR_CODES } from '@recado/contracts';
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

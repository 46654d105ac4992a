import { expect, it } from 'vitest';
import { tagName } from './tag-name.ts';

it.each([
  ['.', false],
  [' .. ', false],
  ['...', true],
  ['.net', true],
  ['vip', true],
])('%j as the name of a tag is taken: %s', (name, isTaken) => expect(tagName.safeParse(name).success).toBe(isTaken));

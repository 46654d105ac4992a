import { slug } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { slugOf, slugSuffix } from './slug.ts';

describe('a slug', () => {
  it.each([
    ['Hotel São João & Cía.', 'hotel-sao-joao-cia'],
    ['  --Tienda 24/7--  ', 'tienda-24-7'],
    ['ñandú', 'nandu'],
    ['株式会社', 'tenant'],
    ['!!!', 'tenant'],
  ])('of %j is %s', (name, expected) => {
    expect(slugOf(name)).toBe(expected);
  });

  it('stays valid, also with a suffix, for a name of any length', () => {
    for (const name of ['a'.repeat(120), `${'a'.repeat(55)} b`, 'Ü'.repeat(120), 'ﷺ'.repeat(40)]) {
      expect(slug().safeParse(`${slugOf(name)}-${slugSuffix()}`).success, name).toBe(true);
    }
  });
});

import { expect, test } from 'vitest';
import { colorOf, isSameTag } from './rules.ts';

test('a tag has the same color in any case, and tags have several colors', () => {
  expect(colorOf('Urgente')).toBe(colorOf('URGENTE'));
  const colors = new Set(Array.from({ length: 50 }, (_, i) => colorOf(`tag ${i}`)));
  expect(colors.size).toBeGreaterThan(4);
  for (const color of colors) expect(color).toMatch(/^#[0-9A-F]{6}$/);
});

test('case does not tell tags apart, and accents do', () => {
  expect(isSameTag('VIP', 'vip')).toBe(true);
  expect(isSameTag('cobranza', 'cobranzá')).toBe(false);
});

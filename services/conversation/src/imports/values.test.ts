import { describe, expect, test } from 'vitest';
import { readBoolean, readDate, readLeadStatus, readNumber, readTags, readTyped } from './values.ts';

describe('numbers', () => {
  test.each([
    ['1.234,56', 1234.56],
    ['1,234.56', 1234.56],
    ['$ 1200', 1200],
    ['US$ 1.200', 1200],
    ['S/ 99,90', 99.9],
    ['1 200,5', 1200.5],
    ['0.125', 0.125],
    ['0,5', 0.5],
    ['12.345.678', 12_345_678],
    ['-5', -5],
    ['80 %', 80],
  ])('%s is %d', (cell, number) => {
    expect(readNumber(cell)).toBe(number);
  });

  test.each(['abc', '', '1e5', '12a', '--1', '9'.repeat(20)])('%j is none', (cell) => {
    expect(() => readNumber(cell)).toThrow('import_number');
  });
});

describe('days', () => {
  test.each([
    ['2025-11-14', '2025-11-14T05:00:00.000Z'],
    ['14/11/2025', '2025-11-14T05:00:00.000Z'],
    ['14-11-2025', '2025-11-14T05:00:00.000Z'],
    ['2025-11-14T10:00:00Z', '2025-11-14T10:00:00.000Z'],
    ['14/11/2025 10:30', '2025-11-14T15:30:00.000Z'],
  ])('%s in Lima is %s', (cell, time) => {
    expect(readDate(cell, 'America/Lima')).toBe(time);
  });

  test.each(['ayer', '31/02/2025', '0001-01-01', '11/14/2025'])('%s is none', (cell) => {
    expect(() => readDate(cell, 'America/Lima')).toThrow('date');
  });
});

test('words have a meaning in three languages', () => {
  expect(['Contactado', 'Contatada', 'contacted', 'GANHO', 'otro'].map(readLeadStatus)).toEqual([
    'contacted',
    'contacted',
    'contacted',
    'won',
    'otro',
  ]);
  expect(['Sí', 'não', 'yes', '0', 'X'].map(readBoolean)).toEqual([true, false, true, false, true]);
  expect(() => readBoolean('quizás')).toThrow();
  expect(readTags('vip, nuevo; vip |lima')).toEqual(['vip', 'nuevo', 'lima']);
});

describe('custom fields', () => {
  const options = ['Lima', 'Bogotá'];
  test.each([
    ['number', '1.234,5', 1234.5],
    ['boolean', 'Sí', true],
    ['date', '31/12/2026', '2026-12-31'],
    ['option', 'bogota', 'Bogotá'],
    ['option', 'Quito', 'Quito'],
    ['text', '007', '007'],
  ] as const)('of type %s read %s as %s', (type, cell, value) => {
    expect(readTyped({ type, options }, cell, 'America/Lima')).toBe(value);
  });
});

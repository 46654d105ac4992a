import { describe, expect, it } from 'vitest';
import { email, emoji, factorCode, idList, isoTime, uuid, uuidv7, uuidv7Time } from './primitives.ts';

describe('uuidv7', () => {
  it('is a version 7, variant 10 UUID that carries its millisecond', () => {
    const at = Date.now() + 5_000;
    const id = uuidv7(at);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidv7Time(id)).toBe(at);
  });

  it('gives 20,000 different ids in one millisecond, in rising order', () => {
    const at = Date.now() + 10_000;
    const ids = Array.from({ length: 20_000 }, () => uuidv7(at));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('keeps rising when the clock steps back', () => {
    const later = uuidv7(Date.now() + 60_000);
    expect(uuidv7(Date.now()) > later).toBe(true);
  });

  it('reads no time from other ids', () => {
    expect(uuidv7Time('7b0f3a52-1f7c-4c1e-9a0e-000000000000')).toBeNull();
    expect(uuidv7Time('nonsense')).toBeNull();
  });
});

describe('ids in requests', () => {
  it('have one spelling', () => {
    expect(uuid().parse('01A1FCB6-8848-7000-A8C7-2CB3CAA88B6C')).toBe('01a1fcb6-8848-7000-a8c7-2cb3caa88b6c');
  });

  it('come as a comma-separated list or repeated, and are counted', () => {
    const [a, b] = [uuidv7(), uuidv7()];
    expect(idList().parse(`${a},${b}`)).toEqual([a, b]);
    expect(idList().parse([a])).toEqual([a]);
    expect(idList(1).safeParse(`${a},${b}`).success).toBe(false);
    expect(idList().safeParse('x').success).toBe(false);
  });
});

describe('isoTime', () => {
  it.each(['0001-01-01T00:00:00Z', '2026-11-21T10:00:00.123Z', '9999-12-31T23:59:59Z'])('takes %s', (time) => {
    expect(isoTime().parse(time)).toBe(time);
  });

  it.each(['0000-01-01T00:00:00Z', '2026-11-21', '2026-11-21T10:00:00', '10000-01-01T00:00:00Z', ''])(
    'refuses %j',
    (time) => {
      expect(isoTime().safeParse(time).success).toBe(false);
    },
  );
});

describe('an e-mail', () => {
  it('is trimmed and lower-cased', () => {
    expect(email().parse('\u00a0 Ana@Tienda.Example\r\n')).toBe('ana@tienda.example');
  });

  it.each(['', ' ', 'ana', 'ana@', 'a na@tienda.example', `${'a'.repeat(250)}@b.co`])('refuses %j', (given) => {
    expect(email().safeParse(given).success).toBe(false);
  });
});

describe('a code of a second factor', () => {
  it.each([
    ['123456', '123456'],
    [' 123\u00a0456 ', '123456'],
    ['123\u202f456\u200b', '123456'],
    ['12\u201334\u201156', '123456'],
    ['k7mp-x2qd-9rta', 'k7mpx2qd9rta'],
    ['K7MP X2QD 9RTA', 'K7MPX2QD9RTA'],
  ])('%j is read as %s', (given, expected) => {
    expect(factorCode().parse(given)).toBe(expected);
  });

  it.each(['', '12345', '1234567', '12a456', '١٢٣٤٥٦', '１２３４５６', '1'.repeat(65)])('%j is malformed', (given) => {
    expect(factorCode().safeParse(given).success).toBe(false);
  });
});

describe('an emoji', () => {
  it.each(['👍', '❤', '❤️', '👍🏽', '👩‍👩‍👧', '🇧🇷', '3️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'])('is %s', (value) => {
    expect(emoji().safeParse(value).success).toBe(true);
  });

  it.each(['', 'ok', '3', '👍👍', '👍 ', 'a👍', '‍'])('is not "%s"', (value) => {
    expect(emoji().safeParse(value).error?.issues).toMatchObject([{ message: 'Expected one emoji' }]);
  });
});

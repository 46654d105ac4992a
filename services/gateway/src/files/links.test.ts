import { randomBytes } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { expect, it } from 'vitest';
import { createMediaLinks } from './links.ts';

const HOUR = 3600_000;
const key = randomBytes(32);
const linked = { tenantId: uuidv7(), fileId: uuidv7(), variant: 'thumbnail' as const };
let now = Date.UTC(2026, 0, 1, 10, 59);
const links = createMediaLinks({ key, publicUrl: 'https://recado.example', now: () => now });
const tokenOf = (link: string) => link.split('/')[4]!;

it('a link leads to its file for one to two hours', () => {
  now = Date.UTC(2026, 0, 1, 10, 59);
  const link = links.make(linked, 'año 1.jpg');
  expect(link).toMatch(/^https:\/\/recado\.example\/media\/[\w-]+\/a%C3%B1o%201\.jpg$/);
  const token = tokenOf(link);
  now += HOUR;
  expect(links.read(token)).toEqual({ ...linked, expired: false });
  now += HOUR;
  expect(links.read(token)).toEqual({ ...linked, expired: true });
});

it('a link is the same within an hour, so that browsers keep the picture', () => {
  now = Date.UTC(2026, 0, 1, 10, 1);
  const first = links.make(linked, 'a');
  now += HOUR / 2;
  expect(links.make(linked, 'a')).toBe(first);
});

it('no changed bit of a link is taken, nor one of another key', () => {
  const bytes = Buffer.from(tokenOf(links.make(linked, 'a')), 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(links.read(changed.toString('base64url'))).toBeNull();
  }
  const other = createMediaLinks({ key: randomBytes(32), publicUrl: 'https://a.b', now: () => now });
  expect(other.read(bytes.toString('base64url'))).toBeNull();
  expect(links.read('')).toBeNull();
  expect(links.read('x'.repeat(500))).toBeNull();
});

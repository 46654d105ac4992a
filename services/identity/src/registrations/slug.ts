import { randomInt } from 'node:crypto';

/** A slug is at most 63 characters; room is left for a suffix. */
const MAX_BASE = 56;
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'; // without what is mistaken for something else

/**
 * A slug after a company's name: `Hotel São João & Cía.` → `hotel-sao-joao-cia`. Names without a
 * Latin letter give `tenant`.
 */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_BASE)
    .replace(/^-+|-+$/g, '');
  return slug || 'tenant';
}

/** What sets two tenants of one name apart: five characters, 33 million of them. */
export function slugSuffix(): string {
  return Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

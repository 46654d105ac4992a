import { expect, test } from 'vitest';
import {
  findPostgresErrorClass,
  isSocketError,
  POSTGRES_ERRORS,
  postgresErrorClass,
  postgresErrorRule,
} from './postgres-errors.ts';

const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

test('no code is in two classes', () => {
  const codes: string[] = Object.values(POSTGRES_ERRORS).flat();
  expect(codes.length).toBeGreaterThan(25);
  expect(new Set(codes).size).toBe(codes.length);
});

test.each([
  ['57P04', 'outage'],
  ['08006', 'outage'],
  ['CONNECTION_CLOSED', 'outage'],
  ['25006', 'read-only'],
  ['53100', 'full'],
  ['40P01', 'contention'],
  ['57014', 'timeout'],
  ['RECADO_TENANT_BUSY', 'tenant-busy'],
  ['RECADO_POOL_BUSY', 'pool-busy'],
  ['23505', 'unique'],
  ['42P01', 'bug'],
  ['XX000', 'bug'],
  ['unavailable', null],
  ['EBUSY', null],
])('the code %s is of the class %s', (code, expected) => {
  expect(postgresErrorClass(code)).toBe(expected);
  expect(findPostgresErrorClass(new Error('Failed query', { cause: coded(code) }))).toBe(expected);
});

test('a socket that cannot reach its server is an outage, and a missing file is not', () => {
  expect(findPostgresErrorClass(coded('ECONNREFUSED'))).toBe('outage');
  expect(findPostgresErrorClass(coded('ENOENT', { syscall: 'connect' }))).toBe('outage');
  expect(isSocketError(coded('ENOENT', { syscall: 'open' }))).toBe(false);
  expect(findPostgresErrorClass(coded('ENOENT', { syscall: 'open' }))).toBeNull();
});

test('an error without a code belongs to the class bug', () => {
  expect(postgresErrorRule(new TypeError('x'))).toEqual({ status: 500, event: 'count' });
  expect(postgresErrorRule('text')).toEqual({ status: 500, event: 'count' });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findType, isSafeInline } from './content-type.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recado-types-'));
});
afterAll(() => rm(folder, { recursive: true }));

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const PDF = '%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n';

it.each<[string, string | Buffer, string | undefined, string, boolean]>([
  ['a picture that says it is a page', PNG, 'text/html', 'image/png', true],
  ['a page that says it is a picture', '<!DOCTYPE html><script>x</script>', 'image/png', 'text/html', false],
  ['a drawing with a script', '<?xml version="1.0"?><svg onload="x()"/>', 'image/png', 'image/svg+xml', false],
  ['a drawing without a head', '\n<svg xmlns="http://www.w3.org/2000/svg"/>', undefined, 'image/svg+xml', false],
  ['a text with a tag', 'hello <img src=x onerror=alert(1)>', 'text/plain', 'text/html', false],
  ['a text', 'Hola, ¿qué tal? 1 < 2', 'application/pdf', 'text/plain', true],
  ['a table', 'a;b\n1;2\n', 'text/csv', 'text/csv', false],
  ['a document', PDF, 'text/plain', 'application/pdf', true],
  ['noise', Buffer.from([0, 1, 2, 3, 250, 251]), 'image/png', 'application/octet-stream', false],
  ['nothing', '', 'image/png', 'application/octet-stream', false],
])('%s', async (title, content, claimed, type, safe) => {
  const path = join(folder, title.replaceAll(' ', '-'));
  await writeFile(path, content);
  const found = await findType(path, claimed, 'file');
  expect(found).toBe(type);
  expect(isSafeInline(found)).toBe(safe);
});

import { expect, it } from 'vitest';
import { dispositionOf, safeName } from './names.ts';

it.each([
  ['imagen.jpg', 'imagen.jpg'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\fotos\\año nuevo.png', 'año nuevo.png'],
  ['.htaccess', 'htaccess'],
  ['a\u0000\r\nb".txt', 'a___b_.txt'],
  // The mark turns the end around: it looks like `photoexe.jpg`.
  ['photo\u202egpj.exe', 'photo_gpj.exe'],
  ['...', 'file'],
  [undefined, 'file'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(146)}.pdf`],
])('%j is kept as %s', (given, name) => {
  expect(safeName(given)).toBe(name);
});

it('an answer names the file for old and new browsers', () => {
  expect(dispositionOf('inline', 'a.png')).toBe('inline; filename="a.png"');
  expect(dispositionOf('attachment', 'año "1".png')).toBe(
    `attachment; filename="a_o _1_.png"; filename*=UTF-8''a%C3%B1o%20%221%22.png`,
  );
});

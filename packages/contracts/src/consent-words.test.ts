import { expect, test } from 'vitest';
import { consentWordOf } from './consent-words.ts';

test.each([
  ['STOP', true, null],
  ['  ¡Baja! ', true, 'es'],
  ['sair.', true, 'pt'],
  ['PARAR', true, null],
  ['Cancelar inscrição', true, 'pt'],
  ['Unsubscribe', true, 'en'],
  ['ALTA', false, 'es'],
  ['*voltar*', false, 'pt'],
  ['start', false, null],
])('%j is a word about marketing', (text, stop, language) => {
  expect(consentWordOf(text)).toEqual({ stop, language });
});

test.each(['Baja el precio, por favor', 'no pares', 'stop the music', '', '   ', 'constructor', 'x'.repeat(500)])(
  '%j is none',
  (text) => {
    expect(consentWordOf(text)).toBeNull();
  },
);

import type { ConsentWord } from '@recado/contracts';

const TEXTS = {
  es: {
    stop: 'Listo, no recibirás más mensajes promocionales. Escribe ALTA para volver a recibirlos.',
    start: 'Listo, volverás a recibir nuestras novedades. Escribe BAJA para dejar de recibirlas.',
  },
  pt: {
    stop: 'Pronto, você não receberá mais mensagens promocionais. Escreva VOLTAR para recebê-las de novo.',
    start: 'Pronto, você voltará a receber nossas novidades. Escreva SAIR para deixar de recebê-las.',
  },
  en: {
    stop: 'Done, you will get no more promotional messages. Write START to get them again.',
    start: 'Done, you will get our news again. Write STOP to stop them.',
  },
};

/** Brazil, Portugal, Angola, Mozambique; North America, the United Kingdom, Ireland, Australia. */
const BY_PREFIX: [RegExp, keyof typeof TEXTS][] = [
  [/^\+(?:55|351|244|258)/, 'pt'],
  // The Dominican Republic and Puerto Rico share +1.
  [/^\+1(?:809|829|849|787|939)/, 'es'],
  [/^\+(?:1|44|353|61)/, 'en'],
];

/** What the customer is told, in the language of the word, else of the phone's country. */
export function confirmationOf({ stop, language }: ConsentWord, phone: string | null): string {
  const spoken = language ?? BY_PREFIX.find(([prefix]) => prefix.test(phone ?? ''))?.[1] ?? 'es';
  return TEXTS[spoken][stop ? 'stop' : 'start'];
}

import type { ConsentWord } from '@recado/contracts';
import { spokenAt } from './spoken.ts';

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

/** What the customer is told, in the language of the word, else of the phone's country. */
export function confirmationOf({ stop, language }: ConsentWord, phone: string | null): string {
  return TEXTS[language ?? spokenAt(phone)][stop ? 'stop' : 'start'];
}

/** What a customer says with one word about marketing. */
export interface ConsentWord {
  stop: boolean;
  /** The language of the word; null for one that several use. */
  language: 'es' | 'pt' | 'en' | null;
}

const WORDS: Record<string, ConsentWord> = {
  stop: { stop: true, language: null },
  stopall: { stop: true, language: 'en' },
  unsubscribe: { stop: true, language: 'en' },
  'opt out': { stop: true, language: 'en' },
  optout: { stop: true, language: 'en' },
  baja: { stop: true, language: 'es' },
  'dar de baja': { stop: true, language: 'es' },
  'darme de baja': { stop: true, language: 'es' },
  desuscribir: { stop: true, language: 'es' },
  'no molestar': { stop: true, language: 'es' },
  parar: { stop: true, language: null },
  sair: { stop: true, language: 'pt' },
  pare: { stop: true, language: 'pt' },
  descadastrar: { stop: true, language: 'pt' },
  'cancelar inscricao': { stop: true, language: 'pt' },
  start: { stop: false, language: null },
  unstop: { stop: false, language: 'en' },
  subscribe: { stop: false, language: 'en' },
  alta: { stop: false, language: 'es' },
  suscribir: { stop: false, language: 'es' },
  voltar: { stop: false, language: 'pt' },
};

/** Accents, and the signs that people put around a word. */
const ACCENTS = /\p{M}/gu;
const AROUND = /^[\s"'“”«»*_.,;:!¡?¿()-]+|[\s"'“”«»*_.,;:!¡?¿()-]+$/g;
/** No longer text is a word of these, so most messages are not looked at further. */
const LONGEST = 40;

/** Whether a message is exactly one of the words that stop marketing or allow it again. */
export function consentWordOf(text: string): ConsentWord | null {
  if (text.length > LONGEST) return null;
  const word = text.normalize('NFD').replace(ACCENTS, '').replace(AROUND, '').replace(/\s+/g, ' ').toLowerCase();
  return Object.hasOwn(WORDS, word) ? WORDS[word]! : null;
}

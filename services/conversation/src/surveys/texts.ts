import type { SurveySettings } from '@recado/contracts';
import type { Spoken } from '../contacts/spoken.ts';

type Scale = SurveySettings['scale'];

/** What a customer reads where the tenant wrote nothing of its own. */
const OWN = {
  es: {
    question: '¿Cómo calificas la atención que recibiste?',
    commentQuestion: 'Gracias. Si quieres, cuéntanos por qué en un mensaje.',
    thanks: 'Gracias por tu opinión.',
    choose: 'Elegir',
    scores: ['Muy mala', 'Mala', 'Regular', 'Buena', 'Excelente'],
    thumbs: ['Mal', 'Bien'],
    answer: { five: 'Responde con un número del 1 al 5.', thumbs: 'Responde 👍 o 👎.' },
  },
  pt: {
    question: 'Como você avalia o atendimento que recebeu?',
    commentQuestion: 'Obrigado. Se quiser, conte o motivo em uma mensagem.',
    thanks: 'Obrigado pela sua opinião.',
    choose: 'Escolher',
    scores: ['Muito ruim', 'Ruim', 'Regular', 'Bom', 'Excelente'],
    thumbs: ['Ruim', 'Bom'],
    answer: { five: 'Responda com um número de 1 a 5.', thumbs: 'Responda 👍 ou 👎.' },
  },
  en: {
    question: 'How would you rate the service you received?',
    commentQuestion: 'Thank you. If you like, tell us why in a message.',
    thanks: 'Thank you for your opinion.',
    choose: 'Choose',
    scores: ['Very bad', 'Bad', 'Fair', 'Good', 'Excellent'],
    thumbs: ['Bad', 'Good'],
    answer: { five: 'Answer with a number from 1 to 5.', thumbs: 'Answer 👍 or 👎.' },
  },
} as const;

/** The words of the tenant, else ours. */
export const wordsFor = (
  settings: SurveySettings,
  kind: 'question' | 'commentQuestion' | 'thanks',
  spoken: Spoken,
): string => settings[kind][spoken] ?? OWN[spoken][kind];

/** A score and what it is called. The best of a list stands first. */
export function choicesOf(scale: Scale, spoken: Spoken): { score: number; title: string }[] {
  const { scores, thumbs } = OWN[spoken];
  if (scale === 'thumbs') {
    return [
      { score: 5, title: `👍 ${thumbs[1]}` },
      { score: 1, title: `👎 ${thumbs[0]}` },
    ];
  }
  return scores.map((name, i) => ({ score: i + 1, title: `${i + 1} - ${name}` })).reverse();
}

/** Opens the list. */
export const chooseIn = (spoken: Spoken): string => OWN[spoken].choose;
/** How to answer where there are no buttons. */
export const answerIn = (scale: Scale, spoken: Spoken): string => OWN[spoken].answer[scale];

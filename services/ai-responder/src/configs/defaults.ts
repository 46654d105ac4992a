import { type ConfigValues, isOffered } from './rules.ts';

const MODEL = 'gpt-3.5-turbo';

const WORKDAY = { start: '09:00', end: '18:00' };

/** The configuration of a tenant that has set none. Off: the AI never answers unasked. */
export function defaultConfig(timezone: string, offered: readonly string[] = ['*']): ConfigValues {
  return {
    enabled: false,
    model: isOffered(MODEL, offered) ? MODEL : offered[0]!,
    personality: 'friendly',
    responseMode: 'always',
    systemPrompt:
      'Eres un asistente virtual que atiende a los clientes de la empresa por WhatsApp. ' +
      'Ayuda con sus preguntas de forma clara y breve; si no sabes algo, dilo y ofrece pasar con una persona.',
    welcomeMessage: '',
    businessHours: {
      monday: WORKDAY,
      tuesday: WORKDAY,
      wednesday: WORKDAY,
      thursday: WORKDAY,
      friday: WORKDAY,
      timezone,
    },
    keywords: [],
    settings: { temperature: 0.7, maxTokens: 150, responseDelay: 1500, contextWindow: 5, language: 'es' },
    limits: { maxTokensPerDay: 10_000, maxTokensPerMonth: 100_000 },
  };
}

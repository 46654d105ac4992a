import { type Capabilities, findFaults, type OutboundContent, type SurveySettings } from '@recado/contracts';
import type { Spoken } from '../contacts/spoken.ts';
import { choiceId } from './rules.ts';
import { answerIn, choicesOf, chooseIn, wordsFor } from './texts.ts';

export interface Question {
  way: 'buttons' | 'list' | 'text' | 'template';
  content: OutboundContent;
}

/**
 * The question within the reply window: by buttons or a list where the provider shows them, else by
 * a text that says how to answer.
 */
export function freeQuestion(
  survey: { id: string; settings: SurveySettings },
  spoken: Spoken,
  provider: Capabilities | undefined,
): Question {
  const { scale } = survey.settings;
  const body = wordsFor(survey.settings, 'question', spoken);
  const choices = choicesOf(scale, spoken).map(({ score, title }) => ({ id: choiceId(survey.id, score), title }));
  const wanted: OutboundContent =
    scale === 'thumbs'
      ? { kind: 'buttons', body, buttons: choices }
      : { kind: 'list', body, button: chooseIn(spoken), sections: [{ rows: choices }] };
  // As text its numbers would be those of the lines, and not the scores.
  const { kinds, limits, asText = [] } = provider ?? {};
  if (!asText.includes(wanted.kind) && findFaults(wanted, { kinds, limits }).length === 0)
    return { way: wanted.kind, content: wanted };
  const lines = choices.map(({ title }) => title).join('\n');
  const text = [body, lines, answerIn(scale, spoken)].join('\n\n');
  return { way: 'text', content: { kind: 'text', body: text } };
}

/** The question outside the reply window; null: the tenant has no template for it. */
export function templateQuestion({ template }: SurveySettings, name: string): Question | null {
  if (!template) return null;
  const filled = Object.entries(template.params).map(([key, value]) => [key, value.replaceAll('{{name}}', () => name)]);
  const params = filled.length > 0 ? { params: Object.fromEntries(filled) as Record<string, string> } : {};
  return {
    way: 'template',
    content: { kind: 'template', name: template.name, language: template.language, ...params },
  };
}

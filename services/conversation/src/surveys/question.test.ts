import { surveySettings } from '@recado/contracts';
import { expect, it } from 'vitest';
import { templateQuestion } from './question.ts';

it.each(['Ana', 'Ca$$h', '$&', "$'", '{{name}}', '$`'])(
  'a template names the customer as they are called: %s',
  (name) => {
    const template = { name: 'encuesta', language: 'es', params: { 1: 'Hola {{name}}, {{name}}' } };
    const asked = templateQuestion(surveySettings.parse({ enabled: true, template }), name);
    expect(asked?.content).toMatchObject({ params: { 1: `Hola ${name}, ${name}` } });
  },
);

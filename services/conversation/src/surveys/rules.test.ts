import { surveySettings } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, answerOf, choiceId, handledBy, isComment, type OpenSurvey, pressedIn, scoreOf } from './rules.ts';

const ID = '018f541a-e00a-4dca-88f5-661340393228';
const ASKED = new Date('2030-01-10T12:00:00.000Z');
const after = (minutes: number) => new Date(ASKED.getTime() + minutes * 60_000);
const settings = surveySettings.parse({ enabled: true });
const open: OpenSurvey = {
  status: 'asked',
  settings,
  score: null,
  comment: null,
  askedAt: ASKED,
  opensUntil: after(24 * 60),
  answerSentAt: null,
};
const said = (text: string, minutes = 1, more: Partial<Parameters<typeof answerOf>[1]> = {}) => ({
  ...{ type: 'text', text, pressed: null, at: after(minutes) },
  ...more,
});

describe('a score in words', () => {
  it.each([
    ['5', 5],
    [' 4 ', 4],
    ['3.', 3],
    ['2/5', 2],
    ['5 estrellas', 5],
    ['4 Estrelas!', 4],
    ['⭐⭐⭐', 3],
    ['⭐️⭐️', 2],
    ['4️⃣', 4],
    ['👍', 5],
    ['👎🏽', 1],
  ])('%s is %i', (text, score) => expect(scoreOf(text, 'five')).toBe(score));

  it.each([
    '',
    '0',
    '6',
    '15',
    '5 cajas',
    '5 - Excelente',
    '3 o 4',
    '👍 gracias',
    '⭐⭐⭐⭐⭐⭐',
    'cinco',
    '1/2',
    '5 5',
  ])('"%s" is none', (text) => expect(scoreOf(text, 'five')).toBeNull());

  it('a quick reply of a template begins with it', () => {
    expect(scoreOf('5 - Excelente', 'five', true)).toBe(5);
    expect(scoreOf('50% de descuento', 'five', true)).toBeNull();
    expect(scoreOf('👍 Bien', 'thumbs', true)).toBe(5);
  });

  it('where thumbs were asked for, a number is none', () => {
    expect(scoreOf('5', 'thumbs')).toBeNull();
    expect(scoreOf('👎', 'thumbs')).toBe(1);
  });

  it('is 1 to 5 or none, of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, isButton) => {
        const score = scoreOf(text, 'five', isButton);
        expect(score === null || [1, 2, 3, 4, 5].includes(score)).toBe(true);
      }),
    );
  });
});

it('a button of ours is known by its id alone, and any other is none', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 5 }), (surveyId, score) => {
      expect(pressedIn(choiceId(surveyId, score))).toEqual({ surveyId, score });
    }),
  );
  for (const id of [undefined, '', 'csat:', `csat:${ID}:6`, `csat:${ID}:5x`, 'plan_pro'])
    expect(pressedIn(id)).toBeNull();
});

it.each([
  ['Muy amables', true],
  ['¿Me pueden llamar', false],
  ['Cuánto cuesta?', false],
  ['BAJA', false],
  ['Hola!', false],
  ['Buenas tardes', false],
  ['Hola, todo excelente', true],
  ['  ', false],
])('"%s" as a comment: %s', (text, is) => expect(isComment({ type: 'text', text, pressed: null, at: ASKED })).toBe(is));

describe('a message after the question', () => {
  it('is a score while the question is open, and a message as any other after it', () => {
    expect(answerOf(open, said('5'))).toEqual({ score: 5 });
    expect(answerOf(open, said('5', 24 * 60))).toEqual({ score: 5 });
    expect(answerOf(open, said('5', 24 * 60 + 1))).toBeNull();
    expect(answerOf(open, said('Necesito otra cosa'))).toBeNull();
  });

  it('that was sent before the question answers something else', () => {
    expect(answerOf(open, said('5', -2))).toBeNull();
  });

  it('is a comment once after the score, while its time lasts', () => {
    const scored = answered(open, { score: 4 }, after(10));
    expect(scored).toMatchObject({ status: 'answered', score: 4, opensUntil: after(40) });
    expect(answerOf(scored, said('Muy amables', 20))).toEqual({ comment: 'Muy amables' });
    expect(answerOf(scored, said('Muy amables', 41))).toBeNull();
    expect(answerOf(scored, said('', 20, { type: 'image' }))).toBeNull();
    const commented = answered(scored, { comment: 'Muy amables' }, after(20));
    expect(commented).toMatchObject({ score: 4, comment: 'Muy amables', opensUntil: null });
    expect(answerOf(commented, said('Otra cosa', 21))).toBeNull();
  });

  it('changes the score by another button as long as the question is open, but no earlier one does', () => {
    const scored = answered(open, { score: 4 }, after(10));
    expect(answerOf(scored, said('', 600, { pressed: 2 }))).toEqual({ score: 2 });
    expect(answerOf(scored, said('', 9, { pressed: 2 }))).toBeNull();
    expect(answerOf(scored, said('', 24 * 60 + 1, { pressed: 2 }))).toBeNull();
  });

  it('is no comment where none is asked for', () => {
    const quiet = { ...open, settings: { ...settings, askComment: false } };
    const scored = answered(quiet, { score: 4 }, after(10));
    expect(scored.opensUntil).toBeNull();
    expect(answerOf(scored, said('Muy amables', 11))).toBeNull();
  });

  it('says nothing to a survey that was not asked', () => {
    expect(answerOf({ ...open, status: 'skipped' }, said('5'))).toBeNull();
    expect(answerOf({ ...open, askedAt: null }, said('5'))).toBeNull();
  });
});

it('tells chats of the AI alone from those of people', () => {
  expect(handledBy(false, false)).toBeNull();
  expect(handledBy(true, false)).toBe('person');
  expect(handledBy(false, true)).toBe('ai');
  expect(handledBy(true, true)).toBe('mixed');
});

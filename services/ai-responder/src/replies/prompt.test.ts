import { describe, expect, it } from 'vitest';
import { burstLast, limitHistory, type PromptMessage, replyText, systemPrompt, turnsOf } from './prompt.ts';

const user = (content: string): PromptMessage => ({ role: 'user', content });
const message = (content: string, given: object = {}) =>
  ({ direction: 'inbound', type: 'text', author: 'contact', content, ...given }) as Parameters<
    typeof turnsOf
  >[0][number];

describe('the history', () => {
  it('ends with the lines that are answered, also when an earlier answer came between them', () => {
    const at = (createdAt: string, direction: 'inbound' | 'outbound') => ({ createdAt, direction });
    const [first, line, answer, next] = [
      at('2025-05-26T10:00:00Z', 'inbound'),
      at('2025-05-26T10:00:05Z', 'inbound'),
      at('2025-05-26T10:00:06Z', 'outbound'),
      at('2025-05-26T10:00:07Z', 'inbound'),
    ] as const;
    const burstAt = new Date('2025-05-26T10:00:05Z');
    expect(burstLast([first, line, answer, next], burstAt)).toEqual([first, answer, line, next]);
  });

  it('makes a thread into the model’s turns, with a line for a picture', () => {
    const turns = turnsOf([
      message('Hola'),
      message('¡Hola!', { direction: 'outbound', author: 'ai' }),
      message('👍', { type: 'reaction' }),
      message('', { type: 'image' }),
      message('Asignada a Luz', { direction: 'outbound', author: 'system' }),
      message('¿Precio?'),
    ]);
    const reply = { role: 'assistant', content: '¡Hola!' };
    expect(turns).toEqual([user('Hola'), reply, user('Image'), user('¿Precio?')]);
  });

  it.each([
    [2, ['b', 'c']],
    [50, ['a', 'b', 'c']],
    [0, ['c']],
  ])('with a window of %i', (window, kept) => {
    expect(limitHistory(['a', 'b', 'c'].map(user), window)).toEqual(kept.map(user));
  });

  it('is cut at a size, the latest first kept', () => {
    const long = 'x'.repeat(20_000);
    expect(limitHistory([user(long), user(long), user('fin')], 5)).toEqual([user(long), user('fin')]);
    expect(limitHistory([user('x'.repeat(100_000))], 5)[0]!.content).toHaveLength(24_000);
  });
});

describe('the reply', () => {
  it.each([
    [' Abrimos a las 9. ', '', 'Abrimos a las 9.'],
    ['Abrimos a las 9.', '¡Hola!', '¡Hola!\n\nAbrimos a las 9.'],
    ['', '¡Hola!', ''],
    [' \0 ', '', ''],
    ['a\0b', '', 'ab'],
  ])('%j after the welcome %j is %j', (model, welcome, text) => {
    expect(replyText(model, welcome)).toBe(text);
  });

  it('fits into one message and never ends in half a character', () => {
    expect(replyText('a'.repeat(5000), '')).toHaveLength(4096);
    expect(replyText(`${'a'.repeat(4095)}😀`, '')).toBe('a'.repeat(4095));
  });
});

it('The instruction holds the tenant’s text, tone and language, and says when the customer was greeted', () => {
  const config = {
    systemPrompt: 'Eres de TechStore.',
    personality: 'formal' as const,
    settings: { temperature: 0.7, maxTokens: 150, responseDelay: 0, contextWindow: 5, language: 'pt' },
  };
  expect(systemPrompt(config)).toMatch(/^Eres de TechStore\.\n\n.*formal.*"pt"/);
  expect(systemPrompt(config)).not.toContain('greet');
  expect(systemPrompt(config, true)).toContain('do not greet again');
});

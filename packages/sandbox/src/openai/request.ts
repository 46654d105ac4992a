import { z } from 'zod';

const textPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(textPart)]).nullish();

const toolSchema = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string().min(1), parameters: z.record(z.string(), z.unknown()).optional() }),
});

export const chatSchema = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']), content }))
    .min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  tools: z.array(toolSchema).optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .optional(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
});
export type ChatRequest = z.infer<typeof chatSchema>;
export type ChatMessage = ChatRequest['messages'][number];
export type ChatTool = z.infer<typeof toolSchema>;

/** The words of a message, whichever way they were written. */
export function wordsOf(message: ChatMessage | undefined): string {
  const value = message?.content;
  if (typeof value === 'string') return value;
  return (value ?? []).map((part) => part.text ?? '').join(' ');
}

export function systemOf(messages: ChatMessage[]): string {
  return messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .map(wordsOf)
    .join('\n');
}

/** About four characters a token, as the real tokenizers come to on plain text. */
export const tokensOf = (text: string): number => Math.max(1, Math.ceil(text.length / 4));

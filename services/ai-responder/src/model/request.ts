import type { PromptMessage } from '../replies/prompt.ts';

export interface ModelRequest {
  model: string;
  messages: PromptMessage[];
  temperature: number;
  maxTokens: number;
}

/**
 * The body of a chat completion. OpenAI's reasoning models take `max_completion_tokens` and no
 * temperature; everything else, and the compatible servers, take `max_tokens`.
 */
export function completionBody({ model, messages, temperature, maxTokens }: ModelRequest) {
  const reasoning = /^(?:o\d|gpt-5)/.test(model);
  const limits = reasoning ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens, temperature };
  return { model, messages, stream: false as const, ...limits };
}

/** About how many tokens a text is, for servers that don't count them: four characters each. */
export function estimateTokens(messages: readonly PromptMessage[], reply: string): number {
  return Math.ceil(messages.reduce((sum, message) => sum + message.content.length, reply.length) / 4);
}

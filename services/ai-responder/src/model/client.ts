import { createGuardedDispatcher, createGuardedFetch } from '@recado/service-kit';
import OpenAI from 'openai';
import { failureOf, ModelFailure } from './failure.ts';
import { completionBody, estimateTokens, type ModelRequest } from './request.ts';

export interface Completion {
  /** May be empty. */
  text: string;
  /** Prompt and answer together. */
  tokensUsed: number;
}

export interface Model {
  /** One call, never repeated here. @throws ModelFailure */
  complete(request: ModelRequest, signal?: AbortSignal): Promise<Completion>;
  close(): Promise<void>;
}

export interface ModelOptions {
  baseUrl: string;
  /** Servers of one's own often want none. */
  apiKey: string | undefined;
  allowPrivate: boolean;
  connections: number;
  /** For the whole call, its body included. */
  timeoutMs: number;
}

/** An OpenAI-compatible model behind the guarded dispatcher. */
export function createModel({ baseUrl, apiKey, allowPrivate, connections, timeoutMs }: ModelOptions): Model {
  const dispatcher = createGuardedDispatcher({ allowPrivate, connections, timeoutMs });
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? 'none',
    // Else read from the environment.
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    // undici's fetch and the global one differ in type only where this client does not look.
    fetch: createGuardedFetch(dispatcher) as unknown as typeof fetch,
  });

  return {
    async complete(request, stop) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = stop ? AbortSignal.any([deadline, stop]) : deadline;
      try {
        const completion = await client.chat.completions.create(completionBody(request), { signal });
        const text = completion?.choices?.[0]?.message?.content ?? '';
        if (typeof text !== 'string' || !Array.isArray(completion.choices)) {
          throw new ModelFailure('broken', 'The model’s answer is not a completion');
        }
        return { text, tokensUsed: completion.usage?.total_tokens ?? estimateTokens(request.messages, text) };
      } catch (error) {
        if (stop?.aborted) throw new ModelFailure('stopped', 'The call was given up', { cause: error });
        if (deadline.aborted) throw new ModelFailure('timeout', `The model did not answer within ${timeoutMs} ms`);
        throw failureOf(error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

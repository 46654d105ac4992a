import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hang, reset } from '../faults.ts';
import type { LedgerAi } from '../ledger/rows.ts';
import type { SandboxParts } from '../parts.ts';
import { embed, toBase64 } from './embeddings.ts';
import { type Plan, planReply } from './reply.ts';
import { chatSchema, systemOf, tokensOf, wordsOf } from './request.ts';
import { streamCompletion } from './stream.ts';

/** A refusal in OpenAI's form. */
class OpenAiError extends Error {
  readonly statusCode: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  constructor(statusCode: number, type: string, code: string | null, message: string, param: string | null = null) {
    super(message);
    this.statusCode = statusCode;
    this.type = type;
    this.code = code;
    this.param = param;
  }
}

const models = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1-mini', 'sandbox-model', 'text-embedding-3-small'];
// The release day of the sandbox's models: fixed, so that answers compare equal.
const MODEL_CREATED = 1_735_689_600;
const BODY_MAX = 8 * 1024 * 1024;
const LEDGER_MESSAGES_MAX = 32_000;

const embeddingsSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2048)]),
  dimensions: z.number().int().min(1).max(3072).optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
});

/** An OpenAI-compatible model that says the same to the same. */
export function openaiRoutes(parts: SandboxParts) {
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((error, _request, reply) => {
      const known = error instanceof OpenAiError;
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
      return reply.status(status).send({
        error: {
          message: error instanceof Error ? error.message : String(error),
          type: known ? error.type : status < 500 ? 'invalid_request_error' : 'server_error',
          param: known ? error.param : null,
          code: known ? error.code : null,
        },
      });
    });
    app.setNotFoundHandler((request) => {
      throw new OpenAiError(
        404,
        'invalid_request_error',
        'unknown_url',
        `Unknown request URL: ${request.method} ${request.url}`,
      );
    });
    app.addHook('onRequest', async (request) => authorise(parts, request));

    app.get('/models', async () => ({
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: MODEL_CREATED, owned_by: 'sandbox' })),
    }));
    app.get('/models/:id', async (request) => {
      const { id } = request.params as { id: string };
      if (!models.includes(id))
        throw new OpenAiError(
          404,
          'invalid_request_error',
          'model_not_found',
          `The model '${id}' does not exist`,
          'model',
        );
      return { id, object: 'model', created: MODEL_CREATED, owned_by: 'sandbox' };
    });
    app.post('/chat/completions', { bodyLimit: BODY_MAX }, (request, reply) => complete(parts, request, reply));
    app.post('/embeddings', { bodyLimit: BODY_MAX }, async (request) => {
      const input = parse(embeddingsSchema, request.body);
      const texts = typeof input.input === 'string' ? [input.input] : input.input;
      const data = texts.map((text, index) => {
        const vector = embed(text, input.dimensions ?? 1536);
        return {
          object: 'embedding',
          index,
          embedding: input.encoding_format === 'base64' ? toBase64(vector) : vector,
        };
      });
      const promptTokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
      parts.ledger.append('ai', {
        ...emptyRow('embeddings', input.model),
        messages: clip(texts),
        outcome: 'ok',
        status: 200,
        promptTokens,
      });
      return {
        object: 'list',
        data,
        model: input.model,
        usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
      };
    });
  };
}

async function complete(parts: SandboxParts, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const chat = parse(chatSchema, request.body);
  const { ai } = parts.behaviour();
  const lastUser = wordsOf(chat.messages.findLast((message) => message.role === 'user'));
  const plan = planReply(chat, ai, parts.dice, parts.script.take(lastUser, systemOf(chat.messages)));
  await parts.pauses.sleep(plan.delayMs);

  const row = {
    ...emptyRow('chat.completions', chat.model),
    stream: chat.stream ?? false,
    messages: clip(chat.messages),
    tools: (chat.tools ?? []).map((tool) => tool.function.name),
    promptTokens: tokensOf(JSON.stringify(chat.messages)),
  };
  const answered = failed(parts, row, plan, reply);
  if (answered) return answered;

  const limit = chat.max_completion_tokens ?? chat.max_tokens ?? Number.POSITIVE_INFINITY;
  const cut = plan.text !== null && tokensOf(plan.text) > limit;
  const text = cut ? plan.text!.slice(0, limit * 4) : plan.text;
  const toolCalls = plan.toolCalls.map((call) => ({ id: parts.ids.short('call_'), ...call }));
  const completionTokens = tokensOf((text ?? '') + plan.toolCalls.map((call) => call.name + call.arguments).join(''));
  const usage = {
    prompt_tokens: row.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: row.promptTokens + completionTokens,
  };
  const id = parts.ids.short('chatcmpl-');
  const created = Math.floor(Date.now() / 1000);
  const finishReason = toolCalls.length > 0 ? 'tool_calls' : cut ? 'length' : 'stop';
  const malformed = plan.fault?.kind === 'malformed';
  const done: Omit<LedgerAi, 'sequence' | 'at'> = {
    ...row,
    id,
    reply: text,
    toolCalls: plan.toolCalls,
    outcome: malformed ? 'malformed' : 'ok',
    status: 200,
    completionTokens,
  };
  if (chat.stream) {
    const includeUsage = chat.stream_options?.include_usage ?? false;
    const content = {
      id,
      created,
      model: chat.model,
      text: malformed ? 'This ends in the middle.' : text,
      toolCalls,
      finishReason,
      usage,
      includeUsage,
      malformed,
    };
    const stayed = await streamCompletion(reply, content, parts.pauses, ai.chunkDelayMs);
    parts.ledger.append('ai', stayed ? done : { ...done, outcome: 'aborted' });
    return reply;
  }
  parts.ledger.append('ai', done);
  if (malformed) return reply.type('application/json').send('{"id":"chatcmpl-broken","choices":[{"mess');
  return {
    id,
    object: 'chat.completion',
    created,
    model: chat.model,
    choices: [{ index: 0, message: messageOf(text, toolCalls), logprobs: null, finish_reason: finishReason }],
    usage,
    system_fingerprint: 'fp_sandbox',
  };
}

const messageOf = (text: string | null, toolCalls: { id: string; name: string; arguments: string }[]): object => ({
  role: 'assistant',
  content: text,
  refusal: null,
  ...(toolCalls.length > 0
    ? {
        tool_calls: toolCalls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      }
    : {}),
});

/** Carries out the faults that leave no completion. Null when the call goes on. */
function failed(
  parts: SandboxParts,
  row: Omit<LedgerAi, 'sequence' | 'at'>,
  plan: Plan,
  reply: FastifyReply,
): FastifyReply | null {
  const { fault } = plan;
  if (!fault || fault.kind === 'malformed') return null;
  parts.ledger.append('ai', { ...row, outcome: fault.kind, status: fault.kind === 'error' ? fault.status : null });
  if (fault.kind === 'timeout') return hang(reply);
  if (fault.kind === 'reset') return reset(reply);
  if (fault.status === 429) {
    void reply.header('retry-after', '1');
    throw new OpenAiError(
      429,
      'requests',
      'rate_limit_exceeded',
      'Rate limit reached for requests. Please try again in 1s.',
    );
  }
  if (fault.status >= 500)
    throw new OpenAiError(
      fault.status,
      'server_error',
      null,
      'The server had an error while processing your request. Sorry about that!',
    );
  throw new OpenAiError(fault.status, 'invalid_request_error', null, 'The request was refused on demand.');
}

function authorise(parts: SandboxParts, request: FastifyRequest): void {
  const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (!key) throw new OpenAiError(401, 'invalid_request_error', null, "You didn't provide an API key.");
  const { keys } = parts.behaviour().ai;
  if (key === 'sk-invalid' || (keys.length > 0 && !keys.includes(key))) {
    throw new OpenAiError(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.');
  }
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const param = issue.path.join('.');
  throw new OpenAiError(400, 'invalid_request_error', null, `${param}: ${issue.message}`, param);
}

function clip(value: unknown): unknown {
  const json = JSON.stringify(value);
  return json.length <= LEDGER_MESSAGES_MAX ? value : json.slice(0, LEDGER_MESSAGES_MAX);
}

function emptyRow(endpoint: LedgerAi['endpoint'], model: string): Omit<LedgerAi, 'sequence' | 'at'> {
  return {
    endpoint,
    id: null,
    model,
    stream: false,
    messages: null,
    tools: [],
    reply: null,
    toolCalls: [],
    outcome: 'ok',
    status: null,
    promptTokens: 0,
    completionTokens: 0,
  };
}

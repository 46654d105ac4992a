import type { FastifyReply } from 'fastify';
import type { Timers } from '../timers.ts';

export interface StreamContent {
  id: string;
  created: number;
  model: string;
  text: string | null;
  toolCalls: { id: string; name: string; arguments: string }[];
  finishReason: string;
  usage: object;
  includeUsage: boolean;
  /** Ends in the middle, with broken JSON. */
  malformed: boolean;
}

/** Sends a completion as server-sent events. Returns whether the caller stayed to the end. */
export async function streamCompletion(
  reply: FastifyReply,
  content: StreamContent,
  pauses: Timers,
  chunkDelayMs: number,
): Promise<boolean> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
  });
  const chunk = (delta: object, finish: string | null, more: object = {}) =>
    `data: ${JSON.stringify({
      id: content.id,
      object: 'chat.completion.chunk',
      created: content.created,
      model: content.model,
      system_fingerprint: 'fp_sandbox',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(content.includeUsage ? { usage: null } : {}),
      ...more,
    })}\n\n`;
  const deltas = deltasOf(content);
  const whole = content.malformed ? deltas.slice(0, Math.ceil(deltas.length / 2)) : deltas;
  for (const delta of whole) {
    if (raw.destroyed) return false;
    raw.write(chunk(delta, null));
    if (chunkDelayMs > 0) await pauses.sleep(chunkDelayMs);
  }
  if (raw.destroyed) return false;
  if (content.malformed) {
    raw.end('data: {"id":"chatcmpl-broken","choices":[{"del');
    return true;
  }
  raw.write(chunk({}, content.finishReason));
  if (content.includeUsage) raw.write(chunk({}, null, { choices: [], usage: content.usage }));
  raw.end('data: [DONE]\n\n');
  return true;
}

function deltasOf(content: StreamContent): object[] {
  const deltas: object[] = [{ role: 'assistant', content: content.text === null ? null : '', refusal: null }];
  for (const piece of content.text?.match(/\S+\s*|\s+/g) ?? []) deltas.push({ content: piece });
  for (const [index, call] of content.toolCalls.entries()) {
    deltas.push({
      tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
    });
    for (const piece of call.arguments.match(/[\s\S]{1,16}/g) ?? []) {
      deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  return deltas;
}

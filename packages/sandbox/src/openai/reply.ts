import type { Behaviour } from '../behaviour.ts';
import type { ScriptEntry } from '../control/schemas.ts';
import type { Dice } from '../random.ts';
import { hash32 } from '../random.ts';
import { type ChatMessage, type ChatRequest, type ChatTool, systemOf, wordsOf } from './request.ts';
import { sampleOf } from './schema-sample.ts';

export type Fault = { kind: 'error'; status: number } | { kind: 'timeout' } | { kind: 'malformed' } | { kind: 'reset' };

export interface Plan {
  fault: Fault | null;
  text: string | null;
  toolCalls: { name: string; arguments: string }[];
  delayMs: number;
}

const magicWord = /\[\[(error|timeout|malformed|reset|say|tool|slow|empty)(?::([\s\S]*?))?\]\]/;

/**
 * Decides the model's answer. First a scripted answer, then magic words in the last user message,
 * then the behaviour's rates. Else a fixed reply made of message and system prompt.
 */
export function planReply(
  chat: ChatRequest,
  behaviour: Behaviour['ai'],
  dice: Dice,
  scripted: ScriptEntry | null,
): Plan {
  const base: Plan = { fault: null, text: null, toolCalls: [], delayMs: behaviour.delayMs };
  if (scripted) return planScripted(base, chat, scripted);
  const last = chat.messages.at(-1);
  const lastUser = wordsOf(chat.messages.findLast((message) => message.role === 'user'));
  const word = last?.role === 'tool' ? null : (magicWord.exec(lastUser) ?? magicWord.exec(systemOf(chat.messages)));
  if (word) return planMagic(base, chat, word[1]!, word[2] ?? '', lastUser);
  if (dice.roll('ai-error', behaviour.errorRate))
    return { ...base, fault: { kind: 'error', status: behaviour.errorStatus } };
  if (dice.roll('ai-timeout', behaviour.timeoutRate)) return { ...base, fault: { kind: 'timeout' } };
  if (dice.roll('ai-malformed', behaviour.malformedRate)) return { ...base, fault: { kind: 'malformed' } };
  const tool = last?.role === 'tool' ? null : toolToCall(chat, lastUser);
  if (tool) return { ...base, toolCalls: [callOf(tool, lastUser)] };
  return { ...base, text: plainReply(chat, last, lastUser) };
}

function planScripted(base: Plan, chat: ChatRequest, entry: ScriptEntry): Plan {
  const plan = { ...base, delayMs: base.delayMs + entry.delayMs };
  if (entry.error !== undefined) return { ...plan, fault: { kind: 'error', status: entry.error } };
  if (entry.fault !== undefined) return { ...plan, fault: { kind: entry.fault } };
  const toolCalls = (entry.toolCalls ?? []).map((call) => ({
    name: call.name,
    arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
  }));
  if (toolCalls.length > 0) return { ...plan, text: entry.reply ?? null, toolCalls };
  return {
    ...plan,
    text:
      entry.reply ?? plainReply(chat, chat.messages.at(-1), wordsOf(chat.messages.findLast((m) => m.role === 'user'))),
  };
}

function planMagic(base: Plan, chat: ChatRequest, word: string, argument: string, lastUser: string): Plan {
  switch (word) {
    case 'error':
      return {
        ...base,
        fault: { kind: 'error', status: Math.min(599, Math.max(400, Number.parseInt(argument, 10) || 500)) },
      };
    case 'timeout':
    case 'malformed':
    case 'reset':
      return { ...base, fault: { kind: word } };
    case 'say':
      return { ...base, text: argument };
    case 'empty':
      return { ...base, text: '' };
    case 'slow':
      return {
        ...base,
        text: plainReply(chat, undefined, lastUser),
        delayMs: Math.min(600_000, Number.parseInt(argument, 10) || 1000),
      };
    default: {
      // [[tool:name {"a":1}]] calls that tool, offered or not: a model may well do so.
      const [, name = '', json = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(argument) ?? [];
      const offered = chat.tools?.find((tool) => tool.function.name === name);
      const call = json || !offered ? { name, arguments: json || '{}' } : callOf(offered, lastUser);
      return { ...base, toolCalls: [call] };
    }
  }
}

function toolToCall(chat: ChatRequest, lastUser: string): ChatTool | null {
  const tools = chat.tools ?? [];
  const choice = chat.tool_choice ?? 'auto';
  if (tools.length === 0 || choice === 'none') return null;
  if (typeof choice === 'object') return tools.find((tool) => tool.function.name === choice.function.name) ?? null;
  return tools.find((tool) => lastUser.includes(tool.function.name)) ?? (choice === 'required' ? tools[0]! : null);
}

const callOf = (tool: ChatTool, lastUser: string): Plan['toolCalls'][number] => ({
  name: tool.function.name,
  arguments: JSON.stringify(tool.function.parameters ? sampleOf(tool.function.parameters, lastUser) : {}),
});

function plainReply(chat: ChatRequest, last: ChatMessage | undefined, lastUser: string): string {
  const format = chat.response_format;
  if (format?.type === 'json_schema') {
    const schema = (format.json_schema as { schema?: Record<string, unknown> } | undefined)?.schema;
    return JSON.stringify(sampleOf(schema ?? {}, lastUser));
  }
  if (format?.type === 'json_object') return JSON.stringify({ reply: lastUser });
  if (last?.role === 'tool') return `According to the tool: ${wordsOf(last)}`;
  const system = systemOf(chat.messages);
  // The mark shows which system prompt was in force without repeating it.
  const mark = system === '' ? 'none' : hash32(system).toString(16).padStart(8, '0');
  return `You said: "${lastUser.slice(0, 500)}". I am the sandbox model, prompt ${mark}.`;
}

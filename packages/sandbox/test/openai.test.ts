import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../src/index.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.control.reset());

const call = (body: object, key = 'sk-test', path = '/chat/completions') =>
  fetch(`${sandbox.openaiBaseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', ...body }),
  });
const user = (content: string, system = 'Be kind.') => ({
  messages: [
    { role: 'system', content: system },
    { role: 'user', content },
  ],
});
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by the tests
const json = async (response: Promise<Response>): Promise<any> => (await response).json();

test('the same question gets the same answer, another prompt another one', async () => {
  const [a, b, c] = await Promise.all([
    json(call(user('Oi'))),
    json(call(user('Oi'))),
    json(call(user('Oi', 'Be brief.'))),
  ]);
  expect(a.choices[0].message.content).toContain('Oi');
  expect(b.choices[0].message.content).toBe(a.choices[0].message.content);
  expect(c.choices[0].message.content).not.toBe(a.choices[0].message.content);
  expect(a.usage.total_tokens).toBe(a.usage.prompt_tokens + a.usage.completion_tokens);
  expect(await sandbox.control.ledgerAll('ai')).toHaveLength(3);
});

test('a stream says what the plain answer says, then usage, then [DONE]', async () => {
  const plain = await json(call(user('Oi')));
  const events = (await (await call({ ...user('Oi'), stream: true, stream_options: { include_usage: true } })).text())
    .split('\n\n')
    .filter(Boolean);
  expect(events.at(-1)).toBe('data: [DONE]');
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)));
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(plain.choices[0].message.content);
  expect(chunks.at(-2).choices[0].finish_reason).toBe('stop');
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: plain.usage });
});

test('a tool is called with arguments that fit its schema, and its result is used', async () => {
  const tools = [
    {
      type: 'function',
      function: {
        name: 'find_order',
        parameters: { type: 'object', properties: { id: { type: 'integer' }, why: { type: 'string' } } },
      },
    },
  ];
  const first = await json(call({ ...user('please find_order 7'), tools }));
  expect(first.choices[0].finish_reason).toBe('tool_calls');
  const [toolCall] = first.choices[0].message.tool_calls;
  expect(JSON.parse(toolCall.function.arguments)).toEqual({ id: 1, why: 'please find_order 7' });
  const messages = [
    ...user('please find_order 7').messages,
    first.choices[0].message,
    { role: 'tool', tool_call_id: toolCall.id, content: 'shipped' },
  ];
  expect((await json(call({ messages, tools }))).choices[0].message.content).toContain('shipped');
  const streamed = await (await call({ ...user('x'), tools, tool_choice: 'required', stream: true })).text();
  expect(streamed).toContain('"name":"find_order"');
  expect(
    (await json(call({ ...user('[[tool:drop_all {"x":1}]]') }))).choices[0].message.tool_calls[0].function,
  ).toEqual({ name: 'drop_all', arguments: '{"x":1}' });
});

test("errors come on demand in OpenAI's form", async () => {
  expect((await call(user('[[error:429]]'))).status).toBe(429);
  expect(await json(call(user('[[error:500]]')))).toMatchObject({ error: { type: 'server_error' } });
  await expect(json(call(user('[[malformed]]')))).rejects.toThrow();
  await expect(call(user('[[reset]]'))).rejects.toThrow();
  expect((await call(user('x'), 'sk-invalid')).status).toBe(401);
  expect((await fetch(`${sandbox.openaiBaseUrl}/models`)).status).toBe(401);
  expect((await call({ messages: [] })).status).toBe(400);
  await sandbox.control.setBehaviour({ ai: { errorRate: 1, errorStatus: 503 } });
  expect((await call(user('x'))).status).toBe(503);
  const outcomes = (await sandbox.control.ledgerAll('ai')).map((row) => row.outcome);
  expect(outcomes).toEqual(['error', 'error', 'malformed', 'reset', 'error']);
});

test('a script goes before all other answers, as often as it says', async () => {
  await sandbox.control.scriptAi({ match: 'price', reply: 'R$ 10', times: 1 });
  await sandbox.control.scriptAi({ error: 429, times: null });
  expect((await json(call(user('the price?')))).choices[0].message.content).toBe('R$ 10');
  expect((await call(user('the price?'))).status).toBe(429);
  await sandbox.control.clearAiScript();
  expect((await json(call(user('[[say:exactly this]]')))).choices[0].message.content).toBe('exactly this');
});

test('embeddings repeat, and texts that share words are nearer', async () => {
  const of = async (input: string) =>
    (await json(call({ input }, 'sk-test', '/embeddings'))).data[0].embedding as number[];
  const [a, again, near, far] = await Promise.all([
    of('red shoes size 40'),
    of('red shoes size 40'),
    of('red shoes size 41'),
    of('goodbye my friend'),
  ]);
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  expect(again).toEqual(a);
  expect(dot(a, a)).toBeCloseTo(1);
  expect(dot(a, near)).toBeGreaterThan(dot(a, far));
  const packed = (await json(call({ input: 'red shoes size 40', encoding_format: 'base64' }, 'sk-test', '/embeddings')))
    .data[0].embedding;
  expect(Buffer.from(packed, 'base64').readFloatLE(0)).toBeCloseTo(a[0]!);
});

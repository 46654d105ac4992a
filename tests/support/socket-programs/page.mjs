// What a page has around the document's program, and tells the test as lines of JSON.
const say = (name, args) => process.stdout.write(`${JSON.stringify({ name, args })}\n`);
const told =
  (name, answer) =>
  (...args) => {
    say(name, args);
    return answer;
  };

for (const name of ['addMessageToUI', 'playNotificationSound', 'updateMessageStatus']) globalThis[name] = told(name);
for (const name of ['showTypingIndicator', 'hideTypingIndicator']) globalThis[name] = told(name);
globalThis.isConversationOpen = told('isConversationOpen', true);
console.log = told('log');
console.error = told('error');
Object.defineProperty(globalThis, 'localStorage', { value: { getItem: () => process.env.SOCKET_TOKEN } });

const leaving = [];
globalThis.window = { addEventListener: (name, listener) => name === 'beforeunload' && leaving.push(listener) };
process.stdin.on('data', (chunk) => {
  const wanted = chunk.toString().trim();
  if (wanted === 'type') globalThis.onUserTyping();
  if (wanted === 'leave') for (const listener of leaving) listener();
});

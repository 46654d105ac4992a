/** What crm.md calls things that have another name inside; the rest keeps its own. */
const OUTSIDE: Record<string, string> = {
  conversation: 'chat',
  contact: 'client',
  channel: 'whatsapp_number',
};

const INSIDE = new Map(Object.entries(OUTSIDE).map(([inside, outside]) => [outside, inside]));

const outside = (word: string): string => OUTSIDE[word] ?? word;
const inside = (word: string): string => INSIDE.get(word) ?? word;

const snake = (name: string): string =>
  name.replace(/(?<=[a-z0-9])[A-Z]|(?<!^)[A-Z](?=[a-z])/g, (letter) => `_${letter}`).toLowerCase();

const pascal = (name: string): string => name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `channel` → `WhatsappNumber`. */
export const entityTypeView = (entityType: string): string => pascal(outside(entityType));

/** `WhatsappNumber` → `channel`; our own words are understood too. */
export const entityTypeOf = (shown: string): string => inside(snake(shown));

/** `conversation.transfer` → `chat.transfer`. */
export const actionView = (action: string): string => renameEntity(action, outside);

/** `chat.transfer` → `conversation.transfer`. */
export const actionOf = (shown: string): string => renameEntity(shown, inside);

function renameEntity(action: string, rename: (word: string) => string): string {
  const dot = action.indexOf('.');
  return dot < 0 ? action : rename(action.slice(0, dot)) + action.slice(dot);
}

/** Fields whose names crm.md gives otherwise than by the rule. */
const FIELDS: Record<string, string> = { assignedUserId: 'assigned_agent_id', autoAssign: 'auto_assign_enabled' };

/** `assignedUserId` → `assigned_agent_id`, `channelId` → `whatsapp_number_id`, and so on. */
export function fieldView(field: string): string {
  if (Object.hasOwn(FIELDS, field)) return FIELDS[field]!;
  const name = snake(field);
  return name.endsWith('_id') ? `${outside(name.slice(0, -3))}_id` : name;
}

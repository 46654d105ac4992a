import type { Group, GroupChange } from '../groups.ts';
import type { SandboxParts } from '../parts.ts';
import { serialized } from './contacts.ts';
import { emitEvent } from './events.ts';

const jidOf = ({ phone, lid }: Group['people'][number]) => (lid ? `${lid}@lid` : `${phone}@c.us`);

export const chatView = ({ id, name }: Group) => ({
  id: serialized(`${id}@g.us`),
  name,
  isGroup: true,
  groupMetadata: { id: serialized(`${id}@g.us`), subject: name },
});

export const membersView = ({ people }: Group) =>
  people.map((one) => ({
    id: serialized(jidOf(one)),
    name: one.name,
    pushname: one.name,
    formattedName: one.name ?? `+${one.phone}`,
    isUser: true,
  }));

/** The server tells who came and went; of a new name it tells nothing. */
export function tellGroupChange(parts: SandboxParts, number: string, change: GroupChange): boolean {
  const session = parts.webSessions.find(number);
  if (!session) return false;
  const { after, joined, left } = change;
  const groupId = `${after.id}@g.us`;
  const tell = (action: string, people: Group['people']) => {
    if (people.length === 0) return;
    const who = people.map(jidOf);
    emitEvent(parts, session, 'onparticipantschanged', { by: session.wid, groupId, action, operation: action, who });
  };
  tell('add', joined);
  tell('remove', left);
  return true;
}

import type { Group, GroupChange } from '../groups.ts';
import type { SandboxParts } from '../parts.ts';
import { emitEvent } from './events.ts';
import type { Instance } from './instances.ts';

const jidOf = ({ phone, lid }: Group['people'][number]) => (lid ? `${lid}@lid` : `${phone}@s.whatsapp.net`);

/** A group as Baileys shows it. The phone of a hidden address stands beside it. */
export const metadataOf = ({ id, name, people }: Group) => ({
  id: `${id}@g.us`,
  subject: name,
  size: people.length,
  creation: Math.floor(Date.now() / 1000),
  announce: false,
  participants: people.map((one) => ({
    id: jidOf(one),
    ...(one.lid ? { phoneNumber: `${one.phone}@s.whatsapp.net` } : {}),
    admin: one.admin ? 'admin' : null,
  })),
});

/** `groups.update` has a name that no webhook can ask for, so a new subject is not told. */
export function tellGroupChange(parts: SandboxParts, number: string, change: GroupChange): boolean {
  const instance = parts.instances.find(number);
  if (!instance) return false;
  const { before, after, joined, left } = change;
  if (before === null) {
    emitEvent(parts, instance, 'groups.upsert', [metadataOf(after)]);
    return true;
  }
  if (before.name !== after.name) {
    emitEvent(parts, instance, 'groups.update', [{ id: `${after.id}@g.us`, subject: after.name }]);
  }
  tellPeople(parts, instance, after, { action: 'add', people: joined });
  tellPeople(parts, instance, after, { action: 'remove', people: left });
  return true;
}

function tellPeople(
  parts: SandboxParts,
  instance: Instance,
  { id }: Group,
  { action, people }: { action: string; people: Group['people'] },
): void {
  if (people.length === 0) return;
  const participants = people.map(jidOf);
  const participantsData = people.map((one) => ({ jid: jidOf(one), phoneNumber: `${one.phone}@s.whatsapp.net` }));
  const data = { id: `${id}@g.us`, author: instance.wuid, participants, participantsData, action };
  emitEvent(parts, instance, 'group-participants.update', data);
}

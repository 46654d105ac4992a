import type { GroupChange } from '../groups.ts';
import type { SandboxParts } from '../parts.ts';
import { noSuchObject } from './errors.ts';
import type { Fields } from './fields.ts';
import type { MetaNumber } from './numbers.ts';

/** Tells of a group's new name and people by the fields of the Groups API. */
export function tellGroupChange(parts: SandboxParts, number: string, change: GroupChange): boolean {
  const known = parts.numbers.find(number);
  if (!known) return false;
  const { before, after, joined, left } = change;
  const push = (field: string, type: string, rest: Fields) => {
    const metadata = { display_phone_number: known.displayPhoneNumber, phone_number_id: known.phoneNumberId };
    const told = { timestamp: String(Math.floor(Date.now() / 1000)), group_id: after.id, type, ...rest };
    const value = { messaging_product: 'whatsapp', metadata, groups: [told] };
    parts.webhooks.push(number, { kind: 'field', key: field, field, value });
  };
  const people = (list: GroupChange['joined']) => list.map(({ phone }) => ({ input: phone, wa_id: phone }));
  if (before === null) push('group_lifecycle_update', 'group_create', { subject: after.name });
  else if (before.name !== after.name) {
    const group_subject = { text: after.name, update_successful: true };
    push('group_settings_update', 'group_settings_update', { group_subject });
  }
  if (joined.length > 0) {
    const added = { reason: 'invite_link', added_participants: people(joined) };
    push('group_participants_update', 'group_participants_add', added);
  }
  if (left.length > 0) {
    const removed = { initiated_by: 'business', removed_participants: people(left) };
    push('group_participants_update', 'group_participants_remove', removed);
  }
  return true;
}

/** `GET /<group id>?fields=…`; null when it is no group of these numbers. */
export function groupView(parts: SandboxParts, numbers: MetaNumber[], id: string, { fields }: Fields): Fields | null {
  const found = numbers
    .map(({ phoneNumberId }) => parts.groups.find({ provider: 'meta', number: phoneNumberId }, id))
    .find((group) => group !== null);
  if (!found) return null;
  const asked = typeof fields === 'string' ? fields.split(',').map((field) => field.trim()) : ['subject'];
  const all: Fields = {
    subject: found.name,
    participants: found.people.map(({ phone }) => ({ wa_id: phone })),
    total_participant_count: found.people.length,
    join_approval_mode: 'auto_approve',
    suspended: false,
  };
  if (asked.some((field) => field !== 'id' && !(field in all))) throw noSuchObject(id, 'get');
  const shown = asked.filter((field) => field in all).map((field) => [field, all[field]]);
  return { messaging_product: 'whatsapp', id, ...Object.fromEntries(shown) };
}

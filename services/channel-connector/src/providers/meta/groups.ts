import type { GroupMember } from '@recado/contracts';
import { cleanId, cleanText, fitPeople } from '../../webhooks/clean.ts';
import type { GroupFacts, GroupNews } from '../news.ts';
import { Fields, isObject, type Json } from './fields.ts';
import { phoneOf } from './sender.ts';

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const DAY = 24 * 3600 * 1000;

/** Who takes part; one whom Meta does not name is left out. */
function memberOf(source: Json): GroupMember[] {
  const item = new Fields(source);
  const given = item.string('wa_id') || item.string('input')?.replace(/^\+/, '') || null;
  const waId = given !== null && /^\d{1,32}$/.test(given) ? given : null;
  const userId = item.string('user_id') || item.string('recipient_user_id') || null;
  if (waId === null && userId === null) return [];
  const profile = item.object('profile') ?? item.object('customer_profile');
  const name = profile?.string('name') || profile?.string('username') || null;
  return [
    {
      waId,
      phone: phoneOf(waId),
      userId: userId && cleanId(userId),
      name: name === null ? null : cleanText(name, 200),
    },
  ];
}

/** `group_settings_update`, `group_participants_update` and `group_lifecycle_update`. */
export function readGroups(value: Json, now: Date, ignored: string[]): GroupNews[] {
  return objects(value.groups).flatMap((source) => {
    const item = new Fields(source);
    const groupId = item.id('group_id');
    const told = groupId ? readChange(item, source) : null;
    if (!groupId || !told) {
      ignored.push('group');
      return [];
    }
    const at = item.time('timestamp', now.getTime() + DAY) ?? now.toISOString();
    return [{ groupId: cleanId(groupId), ...told, asked: false, at }];
  });
}

/** Null for what failed, and for kinds that say nothing of name and people. */
function readChange(item: Fields, source: Json): Pick<GroupNews, 'name' | 'joined' | 'left'> | null {
  switch (item.string('type')) {
    case 'group_participants_add':
    case 'group_join_request_approved':
      return some('joined', objects(source.added_participants).flatMap(memberOf));
    case 'group_participants_remove':
      return some('left', objects(source.removed_participants).flatMap(memberOf));
    case 'group_create':
      return named(item.string('subject'));
    default: {
      const subject = item.object('group_subject');
      return subject?.boolean('update_successful') === false ? null : named(subject?.string('text'));
    }
  }
}

const some = (key: 'joined' | 'left', people: GroupMember[]) =>
  people.length === 0 ? null : { [key]: fitPeople(people) };
const named = (name: string | undefined) => (name ? { name: cleanText(name, 200) } : null);

export const GROUP_FIELDS = 'id,subject,participants';

/** A group as Graph shows it; null when it is another object. */
export function groupFactsOf(body: unknown, groupId: string): GroupFacts | null {
  if (!isObject(body) || body.id !== groupId || typeof body.subject !== 'string') return null;
  return { name: cleanText(body.subject, 200), members: fitPeople(objects(body.participants).flatMap(memberOf)) };
}

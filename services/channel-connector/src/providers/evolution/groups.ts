import type { Dispatcher } from 'undici';
import { cleanId, cleanText, fitPeople } from '../../webhooks/clean.ts';
import type { GroupFacts, GroupNews } from '../news.ts';
import { askServer } from '../own-server.ts';
import type { Outcome } from '../provider.ts';
import { chatKind, isObject, type Json, judgeGroup, memberOf, textOf } from '../web-message.ts';
import type { EvolutionAccount } from './account.ts';
import { target } from './client.ts';

/** Asks the server, which asks WhatsApp. */
export async function lookUpGroup(
  dispatcher: Dispatcher,
  account: EvolutionAccount,
  groupId: string,
): Promise<Outcome<GroupFacts>> {
  const { origin, path } = target(account, 'group/findGroupInfos');
  const asked = `${path}?groupJid=${encodeURIComponent(groupId)}`;
  const headers = { apikey: account.apiKey };
  const answer = await askServer(dispatcher, { origin, path: asked, method: 'GET', headers });
  return judgeGroup(answer, (body) => {
    if (!isObject(body) || body.id !== groupId || typeof body.subject !== 'string') return null;
    return { name: cleanText(body.subject, 200), members: membersOf(body.participants) };
  });
}

/** An id is the phone or the hidden address; then the phone stands beside it. */
const membersOf = (given: unknown) => fitPeople(peopleOf(given));

const peopleOf = (given: unknown) =>
  (Array.isArray(given) ? given : []).flatMap((one: unknown) => {
    const { id, phoneNumber, jid, lid, name, admin } = isObject(one) ? one : { id: one };
    return memberOf([id, phoneNumber, jid, lid], name, typeof admin === 'string') ?? [];
  });

const idOf = ({ id }: Json): string | null => (chatKind(id) === 'group' && textOf(id) ? cleanId(String(id)) : null);

/** `groups.upsert`: a group that is new to the phone. `groups.update`: what changed of one. */
export function readGroup(item: Json, now: Date): GroupNews | null {
  const groupId = idOf(item);
  const name = textOf(item.subject);
  const members = Array.isArray(item.participants) ? { members: membersOf(item.participants) } : {};
  if (groupId === null || (name === undefined && !('members' in members))) return null;
  const named = name === undefined ? {} : { name: cleanText(name, 200) };
  return { groupId, ...named, ...members, asked: false, at: now.toISOString() };
}

/** `group-participants.update`: people joined, left, or became or ceased to be admins. */
export function readMembership(item: Json, now: Date): GroupNews | null {
  const groupId = idOf(item);
  const people = membersOf(item.participantsData ?? item.participants);
  if (groupId === null || people.length === 0) return null;
  const common = { groupId, asked: false, at: now.toISOString() };
  switch (item.action) {
    case 'remove':
      return { ...common, left: people };
    case 'add':
      return { ...common, joined: people.map(({ isAdmin: _, ...person }) => person) };
    case 'promote':
    case 'demote':
      return { ...common, joined: people.map((person) => ({ ...person, isAdmin: item.action === 'promote' })) };
    default:
      return null;
  }
}

import type { Dispatcher } from 'undici';
import { cleanId, cleanText, fitPeople } from '../../webhooks/clean.ts';
import type { GroupFacts, GroupNews } from '../news.ts';
import { type Answer, askServer } from '../own-server.ts';
import type { Outcome } from '../provider.ts';
import { chatKind, isObject, type Json, judgeGroup, memberOf, objectOf, textOf } from '../web-message.ts';
import type { WppconnectAccount } from './account.ts';
import { target } from './client.ts';

/** The name stands in the chat, and who takes part in a list of its own. */
export async function lookUpGroup(
  dispatcher: Dispatcher,
  account: WppconnectAccount,
  groupId: string,
): Promise<Outcome<GroupFacts>> {
  const id = encodeURIComponent(groupId.split('@')[0]!);
  const ask = (route: string): Promise<Answer> => {
    const headers = { authorization: `Bearer ${account.token}` };
    return askServer(dispatcher, { ...target(account, route), method: 'GET', headers });
  };
  const [chat, people] = await Promise.all([ask(`chat-by-id/${id}?isGroup=true`), ask(`group-members/${id}`)]);
  if ('failed' in people || people.status >= 300) return judgeGroup(people, () => null);
  return judgeGroup(chat, (body) => {
    const found = objectOf(body);
    const name = textOf(found.name) ?? textOf(objectOf(found.groupMetadata).subject) ?? textOf(found.formattedTitle);
    const members = objectOf(people.body).response;
    if (name === undefined || !Array.isArray(members)) return null;
    return { name: cleanText(name, 200), members: fitPeople(members.flatMap(memberOfContact)) };
  });
}

function memberOfContact(given: unknown) {
  const contact = objectOf(given);
  const name = textOf(contact.name) ?? textOf(contact.pushname);
  return memberOf([idOf(contact.id)], name) ?? [];
}

/** An id is a text, or an object with it. */
const idOf = (id: unknown): unknown => (isObject(id) ? id._serialized : id);

/** `onparticipantschanged`: people came or went, or became or ceased to be admins. */
export function readMembership(event: Json, now: Date): GroupNews | null {
  const groupId = idOf(event.groupId);
  const who: unknown[] = Array.isArray(event.who) ? event.who : [event.who];
  const people = fitPeople(who.flatMap((one) => memberOf([idOf(one)], null) ?? []));
  if (typeof groupId !== 'string' || chatKind(groupId) !== 'group' || people.length === 0) return null;
  const common = { groupId: cleanId(groupId), asked: false, at: now.toISOString() };
  switch (event.action) {
    case 'add':
    case 'join':
      return { ...common, joined: people };
    case 'remove':
    case 'leaver':
    case 'leave':
      return { ...common, left: people };
    case 'promote':
    case 'demote':
      return { ...common, joined: people.map((person) => ({ ...person, isAdmin: event.action === 'promote' })) };
    default:
      return null;
  }
}

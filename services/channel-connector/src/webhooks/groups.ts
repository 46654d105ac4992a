import type { MessageDetails } from '@recado/contracts';
import type { KnownChannel } from '../channels/directory.ts';
import type { NumberNews } from '../providers/provider.ts';

interface Written {
  details?: MessageDetails | null | undefined;
}

/** The news with messages of groups as the channel wants them; those left out are named. */
export function withGroups({ groups }: Pick<KnownChannel, 'groups'>, news: NumberNews, ignored: string[]): NumberNews {
  const { messages, synced = [] } = news;
  if (!groups.stored && news.groups?.length) {
    for (const _ of news.groups) ignored.push('group');
    return withGroups({ groups }, { ...news, groups: [] }, ignored);
  }
  if (![...messages, ...synced].some(isInGroup)) return news;
  const keep = <M extends Written>(list: readonly M[]): M[] => {
    if (!groups.stored) for (const one of list) if (isInGroup(one)) ignored.push('group');
    const kept = groups.stored ? list : list.filter((one) => !isInGroup(one));
    return kept.map((one) => (groups.answeredByAi ? answered(one) : one));
  };
  return { ...news, messages: keep(messages), synced: keep(synced) };
}

const isInGroup = ({ details }: Written): boolean => details?.group !== undefined;

function answered<M extends Written>(message: M): M {
  const { details } = message;
  if (!details?.group) return message;
  return { ...message, details: { ...details, group: { ...details.group, answeredByAi: true } } };
}

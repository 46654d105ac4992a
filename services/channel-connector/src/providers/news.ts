import type { channelReported, contactReported, EventData, groupReported, messageSynced } from '@recado/contracts';

/** A message that Recado did not carry, as the provider sent it. */
export type SyncedMessage = Omit<EventData<typeof messageSynced>, 'channelId' | 'provider' | 'receivedAt'>;
/** What a provider told of a customer, without a message. */
export type ContactNews = Omit<EventData<typeof contactReported>, 'channelId' | 'provider'>;
/** What a provider told of a number itself. */
export type ChannelReport = Omit<EventData<typeof channelReported>, 'channelId'>;

/** What a provider told of a group. */
export type GroupNews = Omit<EventData<typeof groupReported>, 'channelId' | 'provider'>;
/** A group as a provider shows it when it is asked. */
export type GroupFacts = Required<Pick<GroupNews, 'name' | 'members'>>;

/** News of a number beside messages and ticks; an absent list is empty. */
export interface MoreNews {
  synced?: SyncedMessage[];
  contacts?: ContactNews[];
  reports?: ChannelReport[];
  groups?: GroupNews[];
}

import {
  CHANNEL_WEBHOOK_EVENTS,
  WEBHOOK_EVENT_NAMES,
  WEBHOOK_PERMISSIONS,
  type WebhookEventName,
} from '@recado/contracts';

/** Where a caller may send events from. */
interface Holder {
  permissions: readonly string[];
}

const maySee =
  ({ permissions }: Holder) =>
  (name: WebhookEventName) =>
    permissions.includes(WEBHOOK_PERMISSIONS[name]);

/** The events asked for (none is all) that the caller may not see. */
export function hiddenEvents(caller: Holder, eventTypes: readonly WebhookEventName[]): WebhookEventName[] {
  const wanted = eventTypes.length === 0 ? WEBHOOK_EVENT_NAMES : eventTypes;
  const sees = maySee(caller);
  return wanted.filter((name) => !sees(name));
}

/** What the address of a channel gets: the channel's events, as far as its subscriber sees them. */
export const eventsOfChannel = (caller: Holder): WebhookEventName[] => CHANNEL_WEBHOOK_EVENTS.filter(maySee(caller));

import {
  AUDIT_EVENTS,
  aiHandoff,
  aiReplyRequested,
  aiTimerCancelled,
  aiTimerOrdered,
  backupFinished,
  broadcastFinished,
  campaignUpdated,
  channelAlerted,
  channelLimited,
  channelRemoved,
  channelReported,
  channelStatus,
  contactErased,
  contactReported,
  contactUpdated,
  conversationAwaited,
  conversationCreated,
  conversationTimerCancelled,
  conversationTimerOrdered,
  conversationUpdated,
  dispatchUncertain,
  type EventContract,
  fileErased,
  filesErased,
  groupReported,
  importFinished,
  mediaFetched,
  messageBulkRequested,
  messageCreated,
  messageRead,
  messageReceived,
  messageRequested,
  messageStatus,
  messageSynced,
  messageUpdated,
  noteMentioned,
  presenceChanged,
  type ServiceName,
  scheduledMessageUpdated,
  slaBreached,
  slaWarned,
  taskDeleted,
  taskDue,
  taskReminded,
  templateChanged,
  templateReported,
  tenantCreated,
  tenantUpdated,
  timerFired,
  userCreated,
  userDeleted,
  userUpdated,
  WEBHOOK_EVENTS,
  webhookDisabled,
} from '@recado/contracts';

/** A durable consumer that a service of the mesh is expected to have. */
export interface Durable {
  /** The consuming service. */
  service: ServiceName;
  /** `<consumer>-<entity>-<verb>` */
  name: string;
  event: EventContract;
  /**
   * A user waits for its work, so the relay sends no faster than it reads (relay/pace.ts). `live`:
   * only while it makes progress. `first`: the main reader, waited for also while it restarts.
   */
  paces: 'first' | 'live' | null;
}

/**
 * `<consumer>-<entity>-<verb>`; durables live in the stream of the event's owner, so the name need
 * not tell it.
 */
export function durableName(service: ServiceName, event: EventContract): string {
  return `${service}-${event.entity}-${event.verb}${event.version > 1 ? `-v${event.version}` : ''}`;
}

interface Reader {
  service: ServiceName;
  first?: EventContract[];
  live?: EventContract[];
  events?: EventContract[];
}

/** Who reads what. `first` and `live` set the pace. */
const READERS: readonly Reader[] = [
  {
    service: 'conversation',
    first: [messageReceived, messageStatus, messageSynced],
    live: [aiReplyRequested],
    events: [
      contactReported,
      dispatchUncertain,
      fileErased,
      groupReported,
      mediaFetched,
      messageCreated,
      timerFired,
      tenantCreated,
      tenantUpdated,
      userCreated,
      userUpdated,
      userDeleted,
      aiHandoff,
      campaignUpdated,
      channelRemoved,
      contactUpdated,
      conversationAwaited,
      conversationCreated,
      conversationUpdated,
      presenceChanged,
    ],
  },
  {
    service: 'channel-connector',
    live: [messageRequested],
    events: [
      contactErased,
      filesErased,
      messageBulkRequested,
      messageRead,
      messageStatus,
      templateReported,
      channelReported,
      tenantCreated,
      tenantUpdated,
      ...Object.values(WEBHOOK_EVENTS).map(({ event }) => event),
    ],
  },
  {
    service: 'ai-responder',
    live: [messageCreated],
    events: [contactErased, timerFired, tenantCreated, tenantUpdated],
  },
  {
    service: 'scheduler',
    events: [aiTimerOrdered, aiTimerCancelled, conversationTimerOrdered, conversationTimerCancelled],
  },
  {
    service: 'identity',
    events: [
      channelStatus,
      channelLimited,
      webhookDisabled,
      templateChanged,
      channelAlerted,
      contactErased,
      conversationUpdated,
      slaWarned,
      slaBreached,
      broadcastFinished,
      taskReminded,
      taskDue,
      taskDeleted,
      backupFinished,
      importFinished,
      scheduledMessageUpdated,
      noteMentioned,
    ],
  },
  {
    service: 'analytics',
    events: [
      contactErased,
      filesErased,
      messageCreated,
      messageUpdated,
      conversationCreated,
      conversationUpdated,
      tenantCreated,
      tenantUpdated,
    ],
  },
];

/**
 * Every durable of the mesh; a new consumer is a new line. A stream is not purged while one is
 * missing. tests/system/e2e/messages.test.ts compares the list with a running mesh.
 */
export const DURABLES: readonly Durable[] = [
  ...READERS.flatMap(({ service, first = [], live = [], events = [] }) => [
    ...first.map((event) => durable(service, event, 'first')),
    ...live.map((event) => durable(service, event, 'live')),
    ...events.map((event) => durable(service, event, null)),
  ]),
  ...AUDIT_EVENTS.map((event) => ({
    service: 'analytics' as const,
    name: `analytics-${event.service}-audit`,
    event,
    paces: null,
  })),
];

function durable(service: ServiceName, event: EventContract, paces: Durable['paces']): Durable {
  return { service, name: durableName(service, event), event, paces };
}

/** The durables that the stream of one service is expected to have. */
export function durablesOf(owner: ServiceName): readonly Durable[] {
  return DURABLES.filter(({ event }) => event.service === owner);
}

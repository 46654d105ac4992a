import {
  backupFinished,
  broadcastFinished,
  channelLimited,
  channelStatus,
  conversationUpdated,
  type EventContract,
  type EventData,
  taskDue,
} from '@recado/contracts';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { type Notice, notify } from '../notifications/notify.ts';
import { tellChannels } from './channel-status.ts';
import { assignmentNotice, backupNotice, broadcastNotice, limitedNotice, taskNotice } from './notices.ts';

/** Starts what identity consumes: the events that become notifications. */
export function startConsumers({ bus, workerDb, log, registry }: Deps): EventConsumer[] {
  const shared = {
    bus,
    db: workerDb.sql,
    service: 'identity',
    log,
    registry,
  } as const;

  /**
   * An event that tells by itself what there is to tell. The notifications' own key absorbs
   * repeats.
   */
  const tell = <C extends EventContract>(event: C, noticeOf: (data: EventData<C>) => Notice | null): EventConsumer =>
    startConsumer({
      ...shared,
      event: event as EventContract,
      dedupe: 'handler',
      handle: (tx, events) =>
        notify(
          tx,
          events.flatMap((one) => {
            const notice = noticeOf(one.data as EventData<C>);
            return notice ? [{ ...notice, event: one }] : [];
          }),
        ),
    });

  return [
    // What it tells depends on what came before, so each event counts once.
    startConsumer({ ...shared, event: channelStatus, dedupe: 'inbox', handle: tellChannels }),
    tell(channelLimited, limitedNotice),
    tell(conversationUpdated, assignmentNotice),
    tell(broadcastFinished, broadcastNotice),
    tell(taskDue, taskNotice),
    tell(backupFinished, backupNotice),
  ];
}

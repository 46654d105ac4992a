import {
  backupFinished,
  broadcastFinished,
  channelAlerted,
  channelLimited,
  conversationUpdated,
  type EventContract,
  type EventData,
  importFinished,
  noteMentioned,
  scheduledMessageUpdated,
  slaBreached,
  slaWarned,
  taskDue,
  taskReminded,
  templateChanged,
  webhookDisabled,
} from '@recado/contracts';
import type { EventConsumer } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';
import {
  alertNotice,
  assignmentNotice,
  backupNotice,
  breachNotice,
  broadcastNotice,
  importNotice,
  limitedNotice,
  mentionNotice,
  reminderNotice,
  scheduledNotice,
  taskNotice,
  templateNotice,
  warningNotice,
  webhookNotice,
} from '../notifications/notices.ts';
import { type Notice, notify } from '../notifications/notify.ts';

/** The events that hold all data of their notification. */
export function consumeNotices(deps: Deps): EventConsumer[] {
  return [
    tell(deps, channelLimited, limitedNotice),
    tell(deps, webhookDisabled, webhookNotice),
    tell(deps, templateChanged, templateNotice),
    tell(deps, channelAlerted, alertNotice),
    tell(deps, conversationUpdated, assignmentNotice),
    tell(deps, slaWarned, warningNotice),
    tell(deps, slaBreached, breachNotice),
    tell(deps, broadcastFinished, broadcastNotice),
    tell(deps, taskDue, taskNotice),
    tell(deps, taskReminded, reminderNotice),
    tell(deps, backupFinished, backupNotice),
    tell(deps, importFinished, importNotice),
    tell(deps, scheduledMessageUpdated, scheduledNotice),
    tell(deps, noteMentioned, mentionNotice),
  ];
}

/** The notifications' own key absorbs repeats. */
function tell<D extends EventContract['data']>(
  deps: Deps,
  event: EventContract<D>,
  noticeOf: (data: EventData<EventContract<D>>) => Notice | null,
): EventConsumer {
  return consume(deps, {
    event,
    dedupe: 'handler',
    handle: (tx, events) =>
      notify(
        tx,
        events.flatMap((one) => {
          const notice = noticeOf(one.data);
          return notice ? [{ ...notice, event: one }] : [];
        }),
      ),
  });
}

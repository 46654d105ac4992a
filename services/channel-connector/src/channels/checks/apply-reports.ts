import { buildEvent, channelAlerted, type channelReported, type EventData } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { Deps } from '../../deps.ts';
import type { ChannelRow } from '../store.ts';
import { statusEvent } from '../views.ts';
import { noteReport, updateStatus } from './store.ts';

type Reported = Delivered<EventData<typeof channelReported>>;

/**
 * Keeps what providers told of numbers: the latest quality and limit, and a ban as their state.
 * People hear of each report once.
 */
export async function applyReports(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'directory' | 'checkSoon'>,
  events: readonly Reported[],
): Promise<void> {
  for (const event of events) {
    const { data, tenantId } = event;
    const row = await noteReport(tx, tenantId, data);
    if (!row) continue;
    await enqueue(tx, alertOf(row, event));
    if (data.messagingLimit !== undefined) tx.onCommit(() => deps.directory.forget(row.id));
    if (data.stops === undefined) continue;
    // A ban that was lifted is asked about: only the provider knows whether the number works.
    if (!data.stops) tx.onCommit(() => deps.checkSoon.ask(row.id));
    else await stop(tx, deps, row, data.text ?? data.code);
  }
}

function alertOf({ id, name, phone }: ChannelRow, { data, tenantId, envelope: { traceparent } }: Reported) {
  const { kind, code, severity, text, at } = data;
  const told = { channelId: id, name, phone, kind, code, severity, text, at };
  return buildEvent(channelAlerted, { tenantId, subject: id, traceparent, data: told });
}

async function stop(tx: Tx, deps: Pick<Deps, 'now' | 'directory'>, row: ChannelRow, reason: string): Promise<void> {
  const change = { status: 'error' as const, reason: `WhatsApp: ${reason}`, blockedUntil: null };
  const changed = await updateStatus(tx, row.tenantId, row.id, change);
  if (changed) await enqueue(tx, statusEvent(changed, deps.now()));
  tx.onCommit(() => deps.directory.forget(row.id));
}

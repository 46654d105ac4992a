import type { Tx } from '@recado/database';
import { type ConversationRow, lockConversations } from '../conversations/store.ts';
import { lockRouting } from '../routing/lock.ts';
import { roomBeside } from '../routing/rules.ts';
import { selectMembers, selectSupervisors, writeEscalations, writeReturns } from '../routing/store.ts';
import { tellOfRouting } from '../routing/tell.ts';
import type { ClocksRow, FactsRow, SettingsRow } from './store.ts';

/** A chat whose agent left the customer waiting. */
export interface Silent {
  facts: FactsRow;
  row: ClocksRow;
  settings: SettingsRow;
}

/**
 * Hands on the chats of silent agents, who do not get them again for as long as the silence was.
 * The caller has locked the clocks, and writes them.
 */
export async function handOn(tx: Tx, silent: readonly Silent[], now: Date): Promise<void> {
  if (silent.length === 0) return;
  const tenantIds = [...new Set(silent.map(({ facts }) => facts.tenantId))];
  await lockRouting(tx, tenantIds);
  const [members, supervisors] = await Promise.all([selectMembers(tx, tenantIds), selectSupervisors(tx, tenantIds)]);
  const locked = await lockConversations(
    tx,
    silent.map(({ facts }) => facts),
  );
  const rows = new Map(locked.map((row) => [row.id, row]));
  const room = roomBeside(members);
  const returned: ConversationRow[] = [];
  const escalated: (ConversationRow & { userId: string })[] = [];
  for (const one of silent.filter(({ facts }) => isStill(rows.get(facts.id), facts))) {
    const conversation = rows.get(one.facts.id)!;
    const { silenceAction, tenantId } = one.settings;
    const chief = supervisors.find((user) => user.tenantId === tenantId && user.userId !== one.facts.assignedUserId);
    if (silenceAction === 'agent' && !room.take(one.settings.id, passedOf(one))) listenAgain(one, now);
    else {
      passOver(one, now);
      if (silenceAction === 'supervisor' && chief) escalated.push({ ...conversation, userId: chief.userId });
      else returned.push(conversation);
    }
  }
  const afters = [...(await writeReturns(tx, returned)), ...(await writeEscalations(tx, escalated, now))];
  if (afters.length > 0) await tellOfRouting(tx, locked, afters, 'conversation.transfer', 'silence');
}

/** Who closed, took or answered it in the meantime was first. */
const isStill = (row: ConversationRow | undefined, { assignedUserId, awaitedSince, campaignId }: FactsRow): boolean =>
  row !== undefined &&
  row.status !== 'closed' &&
  row.assignedUserId === assignedUserId &&
  row.campaignId === campaignId &&
  row.awaitedSince?.getTime() === awaitedSince?.getTime();

const passedOf = ({ facts, row }: Silent): string[] => [
  facts.assignedUserId!,
  ...row.passedOver.map(({ userId }) => userId),
];

function passOver({ facts, row, settings }: Silent, now: Date): void {
  const until = new Date(now.getTime() + settings.silenceSeconds! * 1000).toISOString();
  const one = { userId: facts.assignedUserId!, until, since: facts.awaitedSince!.toISOString() };
  row.passedOver = [...row.passedOver.filter(({ userId }) => userId !== one.userId), one];
}

/** The agent keeps it, and after the same time another look is made. */
function listenAgain({ row, settings }: Silent, now: Date): void {
  const { silence } = row.clocks;
  if (!silence) return;
  const dueAt = new Date(now.getTime() + settings.silenceSeconds! * 1000).toISOString();
  row.clocks.silence = { ...silence, dueAt, breachedAt: null };
}

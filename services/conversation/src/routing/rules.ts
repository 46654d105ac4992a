import type { Campaign } from '@recado/contracts';

/** A campaign as routing sees it. */
export interface RoutedCampaign {
  id: string;
  strategy: Campaign['routingStrategy'];
  /** Its chats go before those of a campaign with a lower one. */
  priority: number;
  /** The last turn that was taken. */
  turn: number;
}

/** A user who takes chats now. */
export interface FreeAgent {
  userId: string;
  /** In all campaigns and outside of them. */
  openChats: number;
  maxChats: number;
}

export interface Member {
  campaignId: string;
  userId: string;
  /** Null: the user's own limit. */
  maxChats: number | null;
  priority: number;
  /** In lower case, as tags are here. */
  skills: readonly string[];
  turn: number;
}

/** A chat in the queue. */
export interface Waiting {
  conversationId: string;
  campaignId: string;
  /** Milliseconds. */
  queuedAt: number;
  tags: readonly string[];
  /** Whom the contact talked to last; null where it does not matter. */
  lastUserId: string | null;
  /** Who left the customer waiting and does not get the chat now. */
  passedOver: readonly string[];
}

export interface Assignment {
  conversationId: string;
  campaignId: string;
  userId: string;
  /** The agent's in the campaign from now on. */
  turn: number;
}

interface Candidate extends Member {
  agent: FreeAgent;
}

/**
 * Who gets which chat: the oldest first, important campaigns before others. A chat that is left has
 * no agent with room who may take it: the limits of user and campaign both count all open chats.
 */
export function assignChats(
  campaigns: readonly RoutedCampaign[],
  agents: readonly FreeAgent[],
  members: readonly Member[],
  waiting: readonly Waiting[],
): Assignment[] {
  const byId = new Map(campaigns.map((campaign) => [campaign.id, { ...campaign }]));
  const free = new Map(agents.map((agent) => [agent.userId, { ...agent }]));
  const candidates = new Map<string, Candidate[]>();
  for (const member of members) {
    const agent = free.get(member.userId);
    const known = candidates.get(member.campaignId);
    if (!agent) continue;
    if (known) known.push({ ...member, agent });
    else candidates.set(member.campaignId, [{ ...member, agent }]);
  }
  const assignments: Assignment[] = [];
  for (const chat of inTurn(waiting, byId)) {
    const campaign = byId.get(chat.campaignId);
    const mayTake = (one: Candidate) => hasRoom(one) && !chat.passedOver.includes(one.userId);
    const chosen = campaign && pickAgent((candidates.get(chat.campaignId) ?? []).filter(mayTake), chat, campaign);
    if (!chosen) continue;
    chosen.agent.openChats++;
    chosen.turn = ++campaign.turn;
    assignments.push({
      conversationId: chat.conversationId,
      campaignId: chat.campaignId,
      userId: chosen.userId,
      turn: chosen.turn,
    });
  }
  return assignments;
}

const inTurn = (waiting: readonly Waiting[], campaigns: ReadonlyMap<string, RoutedCampaign>): Waiting[] =>
  waiting.toSorted(
    (a, b) =>
      (campaigns.get(b.campaignId)?.priority ?? 0) - (campaigns.get(a.campaignId)?.priority ?? 0) ||
      a.queuedAt - b.queuedAt ||
      (a.conversationId < b.conversationId ? -1 : 1),
  );

const hasRoom = ({ agent, maxChats }: Candidate): boolean =>
  agent.openChats < Math.min(agent.maxChats, maxChats ?? agent.maxChats);

function pickAgent(
  candidates: readonly Candidate[],
  chat: Waiting,
  { strategy }: Pick<RoutedCampaign, 'strategy'>,
): Candidate | undefined {
  const last = candidates.find(({ userId }) => userId === chat.lastUserId);
  if (last) return last;
  const order = ORDERS[strategy](chat);
  return candidates.toSorted((a, b) => order(a, b) || a.turn - b.turn || (a.userId < b.userId ? -1 : 1))[0];
}

type Order = (a: Candidate, b: Candidate) => number;
const byLoad: Order = (a, b) => a.agent.openChats - b.agent.openChats;
const matchesOf = ({ skills }: Candidate, tags: readonly string[]): number =>
  skills.filter((skill) => tags.includes(skill)).length;

/** Whom each strategy prefers; who waits longest for a chat decides between equals. */
const ORDERS: Record<Campaign['routingStrategy'], (chat: Waiting) => Order> = {
  round_robin: () => () => 0,
  least_busy: () => byLoad,
  priority: () => (a, b) => b.priority - a.priority || byLoad(a, b),
  // Without a free agent who has the skill, any other is better than waiting.
  skills:
    ({ tags }) =>
    (a, b) =>
      matchesOf(b, tags) - matchesOf(a, tags) || byLoad(a, b),
};

/** Room of the agents of campaigns who take chats now, taken place by place. */
export function roomBeside(members: readonly (Member & { openChats: number; userMaxChats: number })[]) {
  const taken = new Map<string, number>();
  const roomOf = ({ userId, openChats, userMaxChats, maxChats }: (typeof members)[number]): number =>
    Math.min(userMaxChats, maxChats ?? userMaxChats) - openChats - (taken.get(userId) ?? 0);
  return {
    /** Takes a place of another agent than these; false: none of them has room. */
    take(campaignId: string, passedOver: readonly string[]): boolean {
      const other = members.find(
        (one) => one.campaignId === campaignId && !passedOver.includes(one.userId) && roomOf(one) > 0,
      );
      if (other) taken.set(other.userId, (taken.get(other.userId) ?? 0) + 1);
      return other !== undefined;
    },
  };
}

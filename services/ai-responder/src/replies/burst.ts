/** A reply that is not settled yet. */
export interface LiveReply {
  inboundMessageId: string;
  state: 'waiting' | 'due' | 'working';
  /** When the first message of its burst was stored. */
  burstAt: Date;
  /** A message of its burst opened the conversation. */
  isNew: boolean;
}

/** A customer's message that is to be answered. */
export interface BurstLine {
  inboundMessageId: string;
  inboundAt: Date;
  isNew: boolean;
  /** The response mode alone does not ask for an answer: it only adds to a burst under way. */
  joins: boolean;
}

export interface BurstTimes {
  /** Milliseconds without a further message before the answer. */
  quietMs: number;
  /** Milliseconds from the first message to the answer, at most. */
  longestMs: number;
}

/** What becomes of a line. */
export interface Placed {
  reply: LiveReply;
  /** The replies that this one makes superfluous. */
  supersedes: LiveReply[];
  fireAt: Date;
}

/**
 * Places a further message. It joins the burst under way and supersedes its reply, except one that
 * has waited for the longest time. @returns null when the message is left alone
 */
export function placeLine(
  live: readonly LiveReply[],
  line: BurstLine,
  { quietMs, longestMs }: BurstTimes,
): Placed | null {
  const most = Math.max(quietMs, longestMs);
  const lastMoment = ({ burstAt }: Pick<LiveReply, 'burstAt'>) => burstAt.getTime() + most;
  const isFixed = (reply: LiveReply) => reply.state !== 'waiting' && line.inboundAt.getTime() >= lastMoment(reply);
  const joined = live.filter((reply) => !isFixed(reply));
  if (line.joins && joined.length === 0) return null;
  const burstAt = new Date(Math.min(line.inboundAt.getTime(), ...joined.map((reply) => reply.burstAt.getTime())));
  const isNew = line.isNew || joined.some((reply) => reply.isNew);
  const { inboundMessageId } = line;
  return {
    reply: { inboundMessageId, state: 'waiting', burstAt, isNew },
    supersedes: joined,
    fireAt: new Date(Math.min(line.inboundAt.getTime() + quietMs, lastMoment({ burstAt }))),
  };
}

import { AppError, type IdentitySource } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import type { KnownAgent } from './store.ts';

/** Users asked for at once. */
const AT_ONCE = 10;

/** Asks identity for agents. Answers are as old as they can be: an event on its way wins. */
export function createAgentSource({ askAgent }: IdentitySource): Deps['askAgents'] {
  const ask = async (tenantId: string, id: string): Promise<KnownAgent | null> => {
    try {
      const { status, agentStatus, agentStatusAt, maxConcurrentChats, autoAssign, createdAt } = await askAgent(
        tenantId,
        id,
      );
      const presence = { agentStatus, presenceAt: agentStatusAt ?? createdAt };
      return { tenantId, id, status, maxChats: maxConcurrentChats, autoAssign, settingsAt: createdAt, ...presence };
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null;
      throw error;
    }
  };
  return async (tenantId, userIds) => {
    const known = new Map<string, KnownAgent>();
    for (let i = 0; i < userIds.length; i += AT_ONCE) {
      const answers = await Promise.all(userIds.slice(i, i + AT_ONCE).map((id) => ask(tenantId, id)));
      for (const agent of answers) if (agent) known.set(agent.id, agent);
    }
    return known;
  };
}

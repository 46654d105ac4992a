import { conversationUpdated } from '@recado/contracts';
import { recordStates } from '../conversations/record.ts';
import type { Deps } from '../deps.ts';
import { consumeToCount } from './count.ts';

export const consumeConversationUpdated = (deps: Deps) =>
  consumeToCount(deps, { event: conversationUpdated, handle: recordStates });

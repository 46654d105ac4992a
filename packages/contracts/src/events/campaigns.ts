import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { CAMPAIGN_STATUSES } from '../internal/campaigns.ts';
import { uuid } from '../primitives.ts';

const campaignFacts = { campaignId: uuid(), name: z.string(), code: z.string(), status: z.enum(CAMPAIGN_STATUSES) };

export const campaignCreated = defineEvent(
  'conversation.campaign.created',
  1,
  z.object(campaignFacts),
  'A campaign was made',
);
export const campaignUpdated = defineEvent(
  'conversation.campaign.updated',
  1,
  z.object({ ...campaignFacts, changed: z.array(z.string()).describe('`numbers`, `agents`: what is in it') }),
  'Settings, numbers or agents of a campaign changed',
);
/** An event of its own, so that messages of other chats cost routing nothing. */
export const conversationAwaited = defineEvent(
  'conversation.conversation.was-awaited',
  1,
  z.object({ conversationId: uuid(), campaignId: uuid() }),
  'One wrote in a conversation of a campaign that no user has',
);
export const campaignDeleted = defineEvent(
  'conversation.campaign.deleted',
  1,
  z.object({ campaignId: uuid() }),
  'A campaign was removed; its open chats leave it',
);

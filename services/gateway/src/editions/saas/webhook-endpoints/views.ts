import type { WebhookEndpoint } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const endpointView = ({
  channelIds,
  channelId,
  ...endpoint
}: WebhookEndpoint): View<typeof schemas.endpoint> => ({ ...endpoint, instanceIds: channelIds, instanceId: channelId });

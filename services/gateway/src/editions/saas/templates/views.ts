import type { Template } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export function templateView(source: Template): View<typeof schemas.template> {
  const { channelIds: instanceIds, reason: statusReason, providerTemplateId: _, ...shown } = source;
  return { ...shown, instanceIds, statusReason };
}

import type { Template } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const templateView = (template: Template): View<typeof schemas.template> => ({
  id: template.id,
  whatsapp_number_ids: template.channelIds,
  name: template.name,
  language: template.language,
  category: template.category,
  previous_category: template.previousCategory,
  next_category: template.nextCategory,
  status: template.status,
  status_reason: template.reason,
  quality: template.quality,
  parameter_format: template.parameterFormat,
  components: template.components,
  parameters: template.parameters,
  usable: template.usable,
  synced_at: template.syncedAt,
  created_at: template.createdAt,
  updated_at: template.updatedAt,
});

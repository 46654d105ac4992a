import type { Group } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const groupView = (group: Group): View<typeof schemas.group> => ({
  id: group.id,
  name: group.name,
  description: group.description,
  contact_count: group.contactCount,
  created_at: group.createdAt,
  updated_at: group.updatedAt,
  created_by: group.createdBy,
});

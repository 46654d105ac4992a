import type { ContactImport, ImportError } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { fieldText } from '../../../edge/errors.ts';
import { importFieldName } from '../../../imports/fields.ts';
import { texts } from '../texts.ts';
import type * as schemas from './import-schemas.ts';

export const importErrorView = ({ row, field, code, params }: ImportError): View<typeof schemas.importError> => ({
  id: `${row}-${importFieldName(field)}`,
  row,
  field: importFieldName(field),
  error: fieldText({ texts }, { code: code as 'phone', params: params ?? {} }),
});

export const importView = (one: ContactImport, errors: ImportError[]): View<typeof schemas.contactImport> => ({
  id: one.id,
  status: one.status,
  file_name: one.fileName,
  on_duplicate: one.onDuplicate,
  total: one.total,
  processed: one.processed,
  imported: one.created + one.updated,
  created: one.created,
  updated: one.updated,
  skipped: one.processed - one.created - one.updated,
  errors: errors.map(importErrorView),
  created_at: one.createdAt,
  finished_at: one.endedAt,
});

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

export function importView(one: ContactImport): View<typeof schemas.clientImport> {
  const imported = one.created + one.updated;
  return {
    id: one.id,
    status: one.status,
    file_name: one.fileName,
    format: one.format,
    encoding: one.encoding,
    separator: one.separator,
    columns: one.columns.map(({ header, field }) => ({ header, field: field && importFieldName(field) })),
    on_duplicate: one.onDuplicate,
    total: one.total,
    processed: one.processed,
    progress: one.total === 0 ? 0 : Math.floor((one.processed * 1000) / one.total) / 10,
    imported,
    created: one.created,
    updated: one.updated,
    skipped: one.processed - imported,
    unchanged: one.unchanged,
    duplicates: one.duplicates,
    invalid: one.invalid,
    created_by: one.createdBy,
    created_at: one.createdAt,
    started_at: one.startedAt,
    finished_at: one.endedAt,
  };
}

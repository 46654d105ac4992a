import { pipeline, Readable } from 'node:stream';
import type { AuditRecord, User } from '@recado/contracts';
import type { Logger } from '@recado/service-kit';
import { stringify } from 'csv-stringify';
import { auditLogView } from './views.ts';

const COLUMNS = [
  'id',
  'created_at',
  'user_id',
  'user_name',
  'actor',
  'action',
  'entity_type',
  'entity_id',
  'success',
  'reason',
  'ip_address',
  'user_agent',
  'changes',
] as const;

/** Records with the names of who made them: one page of an export. */
export interface AuditPage {
  records: AuditRecord[];
  people: ReadonlyMap<string, User>;
}

/**
 * The audit log as CSV, page after page. Cells that a spreadsheet would run as a formula are
 * escaped. The byte order mark at the start tells Excel that this is UTF-8.
 */
export function auditCsv(pages: AsyncIterable<AuditPage>, log: Pick<Logger, 'warn'>): Readable {
  const csv = stringify({ header: true, columns: [...COLUMNS], escape_formulas: true, bom: true });
  // A page that fails destroys the file under way: a cut connection is seen, a short file would not
  // be.
  return pipeline(Readable.from(rowsOf(pages)), csv, (err) => {
    // Who downloads may leave at any time.
    if (err && err.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.warn({ err }, 'an export broke off');
  });
}

async function* rowsOf(pages: AsyncIterable<AuditPage>): AsyncGenerator<string[]> {
  for await (const { records, people } of pages) {
    for (const record of records) yield rowOf(record, people);
  }
}

function rowOf(record: AuditRecord, people: ReadonlyMap<string, User>): string[] {
  const view = auditLogView(record, people);
  const name = view.user ? `${view.user.first_name} ${view.user.last_name}`.trim() : '';
  return [
    view.id,
    view.created_at,
    record.actor.userId ?? '',
    name,
    record.actor.service ?? record.actor.kind,
    view.action,
    view.entity_type,
    view.entity_id ?? '',
    String(view.success),
    view.reason ?? '',
    view.ip_address ?? '',
    view.user_agent ?? '',
    view.changes ? JSON.stringify(view.changes) : '',
  ];
}

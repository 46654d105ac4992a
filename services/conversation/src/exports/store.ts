import type { conversationApi, ExportedContact, RouteInput } from '@recado/contracts';
import { columns, holdsText, type Tx } from '@recado/database';
import { tagNames } from '../contacts/book-store.ts';
import { seenContacts } from '../contacts/seen.ts';
import { contacts } from '../schema.ts';

type Query = RouteInput<typeof conversationApi.listExportedContacts>['query'];
export type ExportFilter = Omit<Query, 'after' | 'limit'>;

const exportColumns = columns(contacts, {
  alias: 'k',
  only: [
    'id',
    'name',
    'firstName',
    'lastName',
    'phone',
    'email',
    'company',
    'city',
    'country',
    'address',
    'leadStatus',
    'leadScore',
    'ltv',
    'totalPurchases',
    'lastPurchaseAt',
    'segment',
    'notes',
    'customFields',
    'blockedAt',
    'marketingStoppedAt',
    'createdAt',
  ],
});
export type ExportRow = typeof exportColumns.$row & Pick<ExportedContact, 'tags'>;

/** Contacts (table `k`) of the address book that the filter keeps, and that an import can take. */
function matching(tx: Tx, tenantId: string, owner: string | null, { search, leadStatus, segment, tag }: ExportFilter) {
  const digits = search?.replaceAll(/[\s().+-]/g, '') ?? '';
  const byPhone = /^\d{3,15}$/.test(digits) ? tx`or k.phone like ${`%${digits}%`}` : tx``;
  const found = search
    ? tx`and (${holdsText(tx, tx`k.name`, search)} or ${holdsText(tx, tx`k.company`, search)}
              or ${holdsText(tx, tx`k.email`, search)} ${byPhone})`
    : tx``;
  return tx`${seenContacts(tx, tenantId, owner)} and k.phone is not null ${found}
    ${leadStatus ? tx`and k.lead_status = ${leadStatus}` : tx``} ${segment ? tx`and k.segment = ${segment}` : tx``}
    ${
      tag
        ? tx`and exists (select from contact_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
             where l.tenant_id = ${tenantId} and l.contact_id = k.id and lower(t.name) = lower(${tag}))`
        : tx``
    }`;
}

/** A page along the primary key: a page costs the same however far it is. */
export const selectExported = (tx: Tx, tenantId: string, owner: string | null, { after, limit, ...filter }: Query) =>
  tx<ExportRow[]>`
    select ${exportColumns(tx)}, ${tagNames(tx, tenantId)} as tags from contacts k
    where ${matching(tx, tenantId, owner, filter)} ${after ? tx`and k.id > ${after}::uuid` : tx``}
    order by k.id limit ${limit + 1}`;

/** The tenant's own keys that the contacts have, in the order of the alphabet. */
export const selectKeys = (tx: Tx, tenantId: string, owner: string | null, filter: ExportFilter, most: number) =>
  tx<{ key: string }[]>`
    select distinct key from contacts k cross join lateral jsonb_object_keys(k.custom_fields) as key
    where ${matching(tx, tenantId, owner, filter)} and k.custom_fields <> '{}' order by key limit ${most}`;

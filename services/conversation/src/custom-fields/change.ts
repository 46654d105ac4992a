import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  type CustomField,
  changesBetween,
  type conversationApi,
  conversationAudit,
  MAX_CUSTOM_FIELDS,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { deleteField, type FieldRow, insertField, lockField, patchField, selectFields } from './store.ts';

type NewField = RouteInput<typeof conversationApi.createCustomField>['body'];
type FieldChange = RouteInput<typeof conversationApi.updateCustomField>['body'];

/** @throws Conflict naming `key` for one that is defined; ValidationFailed beyond 100 */
export const createCustomField = (deps: Deps, caller: Caller, origin: AuditOrigin, given: NewField) =>
  withTenant(deps.db, caller.tenantId, (tx) =>
    once(tx, caller.tenantId, origin.callKey, async () => {
      const { tenantId } = caller;
      const { key, type, label = key, options = [] } = given;
      await lockKind(tx, 'custom fields', tenantId);
      const row = await insertField(tx, tenantId, { id: uuidv7(), key, label, type, options });
      if (!row) throw keyTaken();
      if ((await selectFields(tx, tenantId)).length > MAX_CUSTOM_FIELDS) throw tooMany();
      await audit(tx, origin, 'custom_field.create', row.id, changesBetween(null, audited(row)));
      return customFieldView(row);
    }),
  );

/** @throws NotFound `custom_field`; ValidationFailed for options of a field of another type */
export const updateCustomField = (
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  { fieldId, ...given }: FieldChange & { fieldId: string },
) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const before = await lockField(tx, caller.tenantId, fieldId);
    if (given.options && before.type !== 'option') {
      throw new ValidationFailed([{ field: 'options', message: 'Only of type option', code: 'unknown' }]);
    }
    const { label = before.label, options = before.options } = given;
    const changes = changesBetween(audited(before), audited({ ...before, label, options }));
    if (!changes) return customFieldView(before);
    const after = await patchField(tx, caller.tenantId, { id: fieldId, label, options });
    await audit(tx, origin, 'custom_field.update', fieldId, changes);
    return customFieldView(after);
  });

/** Contacts keep their values. @throws NotFound `custom_field` */
export const deleteCustomField = (deps: Deps, caller: Caller, origin: AuditOrigin, fieldId: string) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const before = await lockField(tx, caller.tenantId, fieldId);
    await deleteField(tx, caller.tenantId, fieldId);
    await audit(tx, origin, 'custom_field.delete', fieldId, changesBetween(audited(before), null));
  });

export const customFieldView = ({ createdAt, updatedAt, ...row }: FieldRow): CustomField => ({
  ...row,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

// `key` is a secret's name to the audit log.
const audited = ({ key: field, label, type, options }: FieldRow) => ({ field, label, type, options });

const audit = (tx: Tx, origin: AuditOrigin, action: string, entityId: string, changes: AuditEntry['changes']) =>
  enqueue(tx, [buildAudit(conversationAudit, origin, { action, entityType: 'custom_field', entityId, changes })]);

const keyTaken = () => {
  const message = 'There is a custom field with this key';
  return new Conflict(message, 'custom_field', [{ field: 'key', message, code: 'duplicate' }]);
};

const tooMany = () =>
  new ValidationFailed([
    {
      field: 'key',
      message: `At most ${MAX_CUSTOM_FIELDS} custom fields`,
      code: 'too_big',
      params: { origin: 'array', maximum: MAX_CUSTOM_FIELDS },
    },
  ]);

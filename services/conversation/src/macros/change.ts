import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type conversationApi,
  conversationAudit,
  MAX_MACROS,
  type Macro,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, requirePermission } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { checkActions } from '../rules/check.ts';
import { deleteMacro, getMacro, insertMacro, type MacroRow, patchMacro, selectMacros } from './store.ts';

type Body<K extends 'createMacro' | 'updateMacro'> = RouteInput<(typeof conversationApi)[K]>['body'];

const macroView = ({ tenantId: _, createdAt, updatedAt, ...macro }: MacroRow): Macro => ({
  ...macro,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export const listMacros = (deps: Deps, { tenantId, userId }: Caller): Promise<{ items: Macro[] }> =>
  withTenant(deps.db, tenantId, async (tx) => ({
    items: (await selectMacros(tx, tenantId, userId)).map(macroView),
  }));

/**
 * Makes a macro of the caller's own, or one of all. An API key has none of its own.
 * @throws Forbidden without campaigns.update for one of all; ValidationFailed; Conflict `macro`
 */
export async function createMacro(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  { name, actions, isShared }: Body<'createMacro'>,
): Promise<Macro> {
  const { tenantId, userId } = caller;
  const ownerId = isShared ? null : userId;
  if (ownerId === null) requirePermission(caller, 'campaigns.update');
  await checkActions(deps, tenantId, actions);
  const work = async (tx: Tx): Promise<Macro> => {
    await lockKind(tx, 'macros', tenantId);
    const known = (await selectMacros(tx, tenantId, userId)).filter((one) => one.ownerId === ownerId);
    if (known.length >= MAX_MACROS) throw new Conflict(`At most ${MAX_MACROS} macros`, 'macro');
    const made = await insertMacro(tx, { tenantId, id: uuidv7(), name, actions, ownerId, createdBy: userId });
    await tell(tx, origin, made.id, 'macro.create', changesBetween(null, audited(made)));
    return macroView(made);
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}

/** @throws NotFound `macro`; Forbidden; ValidationFailed */
export async function updateMacro(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  macroId: string,
  input: Body<'updateMacro'>,
): Promise<Macro> {
  const { tenantId } = caller;
  if (input.actions) await checkActions(deps, tenantId, input.actions);
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockOwn(tx, caller, macroId);
    const after = { ...before, name: input.name ?? before.name, actions: input.actions ?? before.actions };
    if (JSON.stringify(after) === JSON.stringify(before)) return macroView(before);
    const row = await patchMacro(tx, after);
    await tell(tx, origin, macroId, 'macro.update', changesBetween(audited(before), audited(row)));
    return macroView(row);
  });
}

/** @throws NotFound `macro`; Forbidden */
export const removeMacro = (deps: Deps, caller: Caller, origin: AuditOrigin, macroId: string): Promise<void> =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const before = await lockOwn(tx, caller, macroId);
    await deleteMacro(tx, caller.tenantId, macroId);
    await tell(tx, origin, macroId, 'macro.delete', changesBetween(audited(before), null));
  });

async function lockOwn(tx: Tx, caller: Caller, macroId: string): Promise<MacroRow> {
  const row = await getMacro(tx, caller.tenantId, caller.userId, macroId);
  if (row.ownerId === null) requirePermission(caller, 'campaigns.update');
  return row;
}

/** Texts to customers stay out of the audit log. */
const audited = ({ name, ownerId, actions }: MacroRow) => ({ name, ownerId, actions: actions.map(({ type }) => type) });

const tell = (tx: Tx, origin: AuditOrigin, entityId: string, action: string, changes: AuditEntry['changes']) =>
  enqueue(tx, [buildAudit(conversationAudit, origin, { action, entityType: 'macro', entityId, changes })]);

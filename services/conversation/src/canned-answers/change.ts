import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  type CannedAnswer,
  type CannedMedia,
  changesBetween,
  type conversationApi,
  conversationAudit,
  FIELD_CODES,
  type FieldError,
  MAX_CANNED_OWN,
  MAX_CANNED_SHARED,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { isUniqueViolation, once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import {
  type CallContext,
  type Caller,
  Conflict,
  Forbidden,
  holdsPermission,
  requirePermission,
  ValidationFailed,
} from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { foldText } from '../text.ts';
import { type AnswerRow, countOfKind, deleteAnswer, insertAnswer, lockAnswer, patchAnswer } from './store.ts';
import { answerFaults } from './variables.ts';
import { answerView } from './views.ts';

type NewAnswer = RouteInput<typeof conversationApi.createCannedAnswer>['body'];
type AnswerChange = RouteInput<typeof conversationApi.updateCannedAnswer>['body'];

/** Who writes answers. */
export interface AnswerContext {
  caller: Caller;
  context: CallContext;
  origin: AuditOrigin;
}

/**
 * Writes an answer of the tenant, or of the caller alone.
 * @throws Forbidden; ValidationFailed naming a variable or a file; Conflict naming `shortcut`
 */
export async function createAnswer(deps: Deps, by: AnswerContext, given: NewAnswer): Promise<CannedAnswer> {
  const { tenantId, userId } = by.caller;
  const isShared = given.scope ? given.scope === 'shared' : holdsPermission(by.caller, 'templates.manage');
  checkManager(by.caller, isShared);
  const { shortcut, title = shortcut, content, category = null, tags = [], media = null } = given;
  await checkWords(deps, by, { content, media });
  const now = deps.now();
  const row: AnswerRow = {
    ...{ tenantId, id: uuidv7(), userId: isShared ? null : userId, shortcut, shortcutKey: foldText(shortcut) },
    ...{ title, content, category, tags: unique(tags), media, usageCount: 0, lastUsedAt: null },
    ...{ createdBy: userId, createdAt: now, updatedAt: now },
  };
  const work = async (tx: Tx): Promise<CannedAnswer> => {
    await lockKind(tx, 'canned answers', tenantId);
    await insertAnswer(tx, row);
    const most = isShared ? MAX_CANNED_SHARED : MAX_CANNED_OWN;
    if ((await countOfKind(tx, row)) > most) throw tooMany(most);
    const changes = { ...changesBetween(null, audited(row)), content: WRITTEN };
    await audit(tx, by.origin, 'canned_answer.create', row.id, changes);
    return answerView(row);
  };
  return unlessTaken(() =>
    withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, by.origin.callKey, () => work(tx))),
  );
}

/**
 * Changes an answer, and writes nothing when nothing changed.
 * @throws NotFound `canned_answer`; as createAnswer
 */
export async function updateAnswer(
  deps: Deps,
  by: AnswerContext,
  answerId: string,
  given: AnswerChange,
): Promise<CannedAnswer> {
  const { tenantId, userId } = by.caller;
  if (given.media) await checkFile(deps, by, given.media);
  return unlessTaken(() =>
    withTenant(deps.db, tenantId, async (tx) => {
      const before = await lockAnswer(tx, tenantId, userId, answerId);
      checkManager(by.caller, before.userId === null);
      const after = changed(before, given, deps.now());
      const faults = wordFaults(after);
      if (faults.length > 0) throw new ValidationFailed(faults);
      const words: AuditEntry['changes'] = before.content === after.content ? {} : { content: WRITTEN };
      const changes = { ...changesBetween(audited(before), audited(after)), ...words };
      if (Object.keys(changes).length === 0) return answerView(before);
      await patchAnswer(tx, after);
      await audit(tx, by.origin, 'canned_answer.update', answerId, changes);
      return answerView(after);
    }),
  );
}

function changed(before: AnswerRow, given: AnswerChange, now: Date): AnswerRow {
  const { shortcut = before.shortcut, title = before.title, content = before.content } = given;
  const { category = before.category, media = before.media, tags = before.tags } = given;
  const shortcutKey = foldText(shortcut);
  return { ...before, shortcut, shortcutKey, title, content, category, media, tags: unique(tags), updatedAt: now };
}

/** @throws NotFound `canned_answer`; Forbidden */
export async function removeAnswer(deps: Deps, by: AnswerContext, answerId: string): Promise<void> {
  const { tenantId, userId } = by.caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockAnswer(tx, tenantId, userId, answerId);
    checkManager(by.caller, before.userId === null);
    await deleteAnswer(tx, tenantId, answerId);
    await audit(tx, by.origin, 'canned_answer.delete', answerId, changesBetween(audited(before), null));
  });
}

/** @throws Forbidden: shared ones take a permission, own ones take a person */
function checkManager(caller: Caller, isShared: boolean): void {
  if (isShared) requirePermission(caller, 'templates.manage');
  else if (caller.userId === null) throw new Forbidden('This takes a person');
}

type Words = Pick<AnswerRow, 'content' | 'media'>;

async function checkWords(deps: Deps, by: AnswerContext, words: Words): Promise<void> {
  const faults = wordFaults(words);
  if (faults.length > 0) throw new ValidationFailed(faults);
  if (words.media) await checkFile(deps, by, words.media);
}

function wordFaults({ content, media }: Words): FieldError[] {
  if (content === '' && media === null) return [fault('content', 'required')];
  // These have no words beside them.
  const isBare = media?.kind === 'audio' || media?.kind === 'sticker';
  return isBare && content !== '' ? [fault('content', 'canned_caption')] : answerFaults(content);
}

async function checkFile({ channels }: Deps, { caller, context }: AnswerContext, { fileId }: CannedMedia) {
  const file = await channels.findFile(caller.tenantId, fileId, context);
  if (file?.state !== 'ready') throw new ValidationFailed([fault('media.fileId', 'unknown_file')]);
}

const fault = (field: string, code: 'required' | 'unknown_file' | 'canned_caption'): FieldError => ({
  field,
  code,
  message: FIELD_CODES[code],
});

async function unlessTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, 'canned_answers_shared') && !isUniqueViolation(error, 'canned_answers_own'))
      throw error;
    const message = 'There is a canned answer with this shortcut';
    throw new Conflict(message, 'canned_answer', [{ field: 'shortcut', message, code: 'duplicate' }]);
  }
}

const tooMany = (maximum: number) =>
  new ValidationFailed([
    { field: 'shortcut', message: `At most ${maximum}`, code: 'too_big', params: { origin: 'array', maximum } },
  ]);

const unique = (tags: readonly string[]): string[] =>
  [...new Map(tags.map((tag) => [tag.toLowerCase(), tag] as const).reverse()).values()].reverse();

/** The words themselves stay out of the audit log. */
const WRITTEN = { from: null, to: '…' };
const audited = ({ userId, shortcut, title, category, tags, media }: AnswerRow) => ({
  scope: userId === null ? 'shared' : 'own',
  shortcut,
  title,
  category,
  tags,
  media: media?.fileId ?? null,
});

const audit = (tx: Tx, origin: AuditOrigin, action: string, entityId: string, changes: AuditEntry['changes']) =>
  enqueue(tx, [buildAudit(conversationAudit, origin, { action, entityType: 'canned_answer', entityId, changes })]);

import type { MessageDetails } from '@recado/contracts';
import type { messageVersions } from '../schema.ts';

/** What a message was first, or what a change made of it. */
export type Version = Pick<
  typeof messageVersions.$inferSelect,
  'kind' | 'direction' | 'changeId' | 'at' | 'type' | 'content' | 'details'
>;
type Words = Pick<Version, 'type' | 'content' | 'details'>;

/**
 * A message as its versions make it, in any order of arrival: a deletion stands, else the latest
 * edit. Null when it was never changed.
 */
export function currentOf(versions: readonly Version[]): Words | null {
  const original = versions.find(({ kind }) => kind === 'original');
  if (!original) return null;
  const changes = versions.filter((one) => one.kind !== 'original' && isByItsWriter(one, original));
  const deletion = changes.filter(({ kind }) => kind === 'deleted').reduce(earlier, undefined);
  if (deletion) return deleted(original, deletion);
  const edit = changes.reduce(later, undefined);
  if (!edit || !isUnreadable(edit)) return edit ? edited(original, edit) : null;
  const read = changes.filter((one) => !isUnreadable(one)).reduce(later, undefined);
  const before = read ? edited(original, read) : original;
  const changed = { kind: 'edited' as const, at: edit.at.toISOString(), unreadable: true };
  return { type: before.type, content: before.content, details: { ...before.details, changed } };
}

/** An edit whose words only phones can read: the words before it stay. */
const isUnreadable = ({ details }: Version): boolean => details?.change?.unreadable === true;

/** Only its own side may change a message; our phone deletes what others said in a group. */
function isByItsWriter({ direction, kind, details }: Version, original: Version): boolean {
  const { untold } = details?.change ?? {};
  if (untold) return untold === 'either' || original.direction === 'inbound';
  if (direction === original.direction) return true;
  return direction === 'outbound' && kind === 'deleted' && original.details?.group !== undefined;
}

const order = (a: Version, b: Version): number => a.at.getTime() - b.at.getTime() || (a.changeId < b.changeId ? -1 : 1);
const later = (a: Version | undefined, b: Version) => (a && order(a, b) > 0 ? a : b);
const earlier = (a: Version | undefined, b: Version) => (a && order(a, b) < 0 ? a : b);

/** Nothing of a deleted message stays with it, but where it stood. */
function deleted({ type, details }: Version, { at }: Version): Words {
  const { group } = details ?? {};
  const changed = { kind: 'deleted' as const, at: at.toISOString() };
  return { type, content: '', details: { ...(group && { group }), changed } };
}

/** An edit has new words; a file, a quote and an ad stay unless it names others. */
function edited(original: Version, edit: Version): Words {
  const { raw: _, ...before } = original.details ?? {};
  const { change: __, ...after } = edit.details ?? {};
  const isCaption = edit.type === 'text' && before.media !== undefined;
  const details: MessageDetails = { ...before, ...after, changed: { kind: 'edited', at: edit.at.toISOString() } };
  return { type: isCaption ? original.type : edit.type, content: edit.content, details };
}

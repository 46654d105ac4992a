import type { Edition } from '@recado/contracts';
import { type Access, type Caller, isAllowed } from '@recado/service-kit';
import { isShown } from '../blocked.ts';
import type { Dialect, Frame, Lookups, RealtimeEvent } from '../types.ts';

/** What an event is for the clients of each edition, made once however many listen. */
export type FramesOf = (edition: Edition) => readonly Frame[];

/**
 * Frames of events for editions. Events are looked up together; one without a frame goes to
 * `onError`.
 */
export async function prepareFrames(
  events: readonly RealtimeEvent[],
  editions: Iterable<Edition>,
  dialects: Record<Edition, Dialect>,
  lookups: Lookups,
  onError: (error: unknown, event: RealtimeEvent) => void,
): Promise<FramesOf[]> {
  const wanted = [...editions];
  return Promise.all(
    events.map(async (event) => {
      if (!(await isShown(event, lookups))) return () => [];
      const said = await Promise.all(
        wanted.map(async (edition): Promise<[Edition, Frame[]]> => {
          try {
            return [edition, await dialects[edition].frames(event, lookups)];
          } catch (error) {
            onError(error, event);
            return [edition, []];
          }
        }),
      );
      const byEdition = new Map(said);
      return (edition: Edition) => byEdition.get(edition) ?? [];
    }),
  );
}

/**
 * Callers of one kind (edition, role, permissions) as a text: what they may see differs by their
 * person at most.
 */
export const kindOf = ({ edition, role, permissions }: Caller): string => `${edition} ${role} ${permissions.join()}`;

/** Whether a caller of a kind may see what needs this. */
export type Judge = (caller: Caller, kind: string, needs: Access) => boolean;

/** Asks once for all callers of one kind, unless the person matters. */
export function createJudge(): Judge {
  const verdicts = new Map<Access, Map<string, boolean>>();
  return (caller, kind, needs) => {
    if (needs.person !== undefined || needs.createdBy !== undefined) return isAllowed(caller, needs);
    const byKind = verdicts.get(needs) ?? new Map<string, boolean>();
    verdicts.set(needs, byKind);
    const verdict = byKind.get(kind) ?? isAllowed(caller, needs);
    byKind.set(kind, verdict);
    return verdict;
  };
}

import { type Database, errorCode, KINDS, readTenant, type Tx, withWorker } from '@recado/database';
import {
  type Candidate,
  type Hit,
  MOST_CANDIDATES,
  type Place,
  type SearchQuery,
  selectCandidates,
  selectHits,
  selectOfConversation,
  selectOpen,
} from './find.ts';
import { findMarks, type Mark, type Term, type Token, tokensOf } from './words.ts';

/** A message that fits, as it is now. */
export interface Match extends Hit {
  tokens: Token[];
  marks: Mark[];
}

export interface Search {
  db: Database;
  workerDb: Database;
  tenantId: string;
  terms: readonly Term[];
  query: SearchQuery;
  /** The last one that the page before showed. */
  place: Place | null;
  /** Matches that are enough. */
  wanted: number;
  /** `performance.now()` at which it ends with what it has. */
  deadline: number;
}

/** Segments of the first look; each further one takes twice as many. */
const FIRST_LOOK = 6;
const MAX_LOOK = 200;
/** Of one conversation, the latest messages that are read. */
const MAX_OF_CONVERSATION = 20_000;

export interface Matches {
  /** In order, the latest first; none is missing between two of them. */
  matches: Match[];
  isComplete: boolean;
  /** Where a search that ran out of time continues; null when it got nowhere, or is complete. */
  next: Place | null;
}

/**
 * The latest matches in order, `wanted` at least if there are so many. When time runs out, those
 * that are later than all that was not looked at.
 */
export async function findMatches(search: Search): Promise<Matches> {
  const progress: Progress = { found: new Map(), reached: search.place, looks: 0 };
  const { conversationId } = search.query;
  let isComplete = false;
  try {
    isComplete = await (conversationId ? ofConversation(search, progress, conversationId) : ofAll(search, progress));
  } catch (error) {
    if (errorCode(error) !== STATEMENT_ENDED) throw error;
  }
  const matches = latest(progress.found);
  if (isComplete) return { matches, isComplete, next: null };
  const { reached } = progress;
  const isFurther = reached !== null && (search.place === null || isBefore(reached, search.place));
  const sure = matches.filter((match) => !isBefore(placeOf(match), reached));
  return { matches: sure, isComplete, next: isFurther ? reached : null };
}

interface Progress {
  found: Map<string, Match>;
  /** All that is later was looked at. Null: nothing was. */
  reached: Place | null;
  /** Times that segments were read. */
  looks: number;
}

const placeOf = ({ sentTime, id }: Match): Place => ({ at: sentTime.toISOString(), id });
/** Whether a message there comes after the other in the order of a search: it is older. */
const isBefore = (a: Place, b: Place | null): boolean =>
  b === null || Date.parse(a.at) < Date.parse(b.at) || (Date.parse(a.at) === Date.parse(b.at) && a.id < b.id);
/** No id is later. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Postgres' `query_canceled`: the statement took longer than it may. */
const STATEMENT_ENDED = '57014';

async function ofAll(search: Search, progress: Progress): Promise<boolean> {
  const { query, tenantId, terms, place } = search;
  const candidatesAfter = (after: Candidate | null) =>
    withWorker(search.workerDb, (tx) => {
      limitStatements(tx);
      return selectCandidates(tx, tenantId, terms, query, place, after);
    });
  let [candidates, opened] = await Promise.all([
    candidatesAfter(null),
    read(search, (tx) => selectOpen(tx, tenantId, { query, place })),
  ]);
  keepMatches(progress.found, opened, terms);
  for (;;) {
    const end = await lookInto(search, progress, candidates);
    if (end !== 'none left') return end === 'enough';
    if (candidates.length < MOST_CANDIDATES) return true;
    candidates = await candidatesAfter(candidates.at(-1)!);
  }
}

/** Reads the segments, some and then more at a time. */
async function lookInto(
  search: Search,
  progress: Progress,
  candidates: readonly Candidate[],
): Promise<'enough' | 'out of time' | 'none left'> {
  const { query, tenantId, terms, place, wanted } = search;
  for (let at = 0; at < candidates.length; ) {
    const first = candidates[at]!;
    if (isEnough(progress.found, wanted, first)) return 'enough';
    progress.reached = earlier(search.place, { at: first.newestAt.toISOString(), id: LAST_ID });
    // The first look comes before the clock: each search gets further than the one before.
    if (progress.looks > 0 && performance.now() > search.deadline) return 'out of time';
    const size = Math.min(FIRST_LOOK * 2 ** progress.looks++, MAX_LOOK);
    const ids = candidates.slice(at, at + size).map(({ id }) => id);
    const hits = await read(search, (tx) => selectHits(tx, tenantId, terms, ids, { query, place }));
    keepMatches(progress.found, hits, terms);
    at += size;
  }
  return 'none left';
}

async function ofConversation(search: Search, progress: Progress, conversationId: string): Promise<boolean> {
  const { tenantId, query, place, terms } = search;
  const rows = await read(search, (tx) =>
    selectOfConversation(tx, tenantId, conversationId, { query, place }, MAX_OF_CONVERSATION),
  );
  keepMatches(progress.found, rows, terms);
  const last = rows.at(-1);
  if (last) progress.reached = { at: last.sentTime.toISOString(), id: last.id };
  return rows.length < MAX_OF_CONVERSATION;
}

/** Segments may overlap: none of their messages is later than the place itself. */
const earlier = (place: Place | null, other: Place): Place =>
  place !== null && isBefore(place, other) ? place : other;

/** Whether no message of this segment or a later one comes before the last that is wanted. */
function isEnough(found: ReadonlyMap<string, Match>, wanted: number, { newestAt }: Candidate): boolean {
  if (found.size < wanted) return false;
  return latest(found)[wanted - 1]!.sentTime > newestAt;
}

const latest = (found: ReadonlyMap<string, Match>): Match[] =>
  [...found.values()].sort((a, b) => b.sentTime.getTime() - a.sentTime.getTime() || (a.id < b.id ? 1 : -1));

/** Keeps what fits word by word, as it is by now: the index may know an older text. */
function keepMatches(found: Map<string, Match>, hits: readonly Hit[], terms: readonly Term[]): void {
  for (const hit of hits) {
    const tokens = tokensOf(hit.content);
    const marks = findMarks(tokens, terms);
    if (marks) found.set(hit.id, { ...hit, tokens, marks });
  }
}

async function read<T>({ db, tenantId }: Search, statement: (tx: Tx) => PromiseLike<T>): Promise<T> {
  const queries = (tx: Tx) => {
    limitStatements(tx);
    return [statement(tx)] as const;
  };
  const [rows] = await readTenant(db, tenantId, queries, 'search');
  return rows;
}

/** Sent with the next statement. The worker's pool has no kinds. */
function limitStatements(tx: Tx): void {
  const setting = tx`
    select set_config('statement_timeout', ${String(KINDS.search.statementMs)}, true), set_config('enable_seqscan', 'off', true),
           set_config('jit', 'off', true)
  `.execute();
  // When it fails the transaction is aborted and the next statement says so.
  setting.catch(() => {});
}

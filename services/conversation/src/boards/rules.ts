import type { StageRow } from './store.ts';

type Stages = { kind: 'campaign' | 'lead_status'; stages: readonly StageRow[] };

/** Where open chats stand that were never moved. */
export const firstStage = ({ stages }: Pick<Stages, 'stages'>): StageRow | null =>
  stages.find(({ meaning }) => meaning !== 'closed') ?? null;

/**
 * The stage of a card; null: it is not on the board. The chat or contact decides, and the stage
 * where it was placed only among those of open chats.
 */
export function stageOf(
  board: Stages,
  card: { leadStatus?: string | null; isClosed?: boolean; placedIn: string | null },
): StageRow | null {
  if (board.kind === 'lead_status')
    return board.stages.find(({ leadStatus }) => leadStatus === card.leadStatus) ?? null;
  if (card.isClosed) return board.stages.find(({ meaning }) => meaning === 'closed') ?? null;
  const placed = board.stages.find(({ id, meaning }) => id === card.placedIn && meaning !== 'closed');
  return placed ?? firstStage(board);
}

/** Colors of stages that name none, in turn. */
const PALETTE = ['#1565C0', '#00838F', '#6A1B9A', '#EF6C00', '#2E7D32', '#AD1457', '#4E342E', '#37474F'];
export const colorAt = (position: number): string => PALETTE[position % PALETTE.length]!;

import { isoTime, schedulerApi, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { AppError, decodeCursor, keysetPage, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { selectTimers, timerView } from './store.ts';

const position = z.strictObject({ fireAt: isoTime(), id: uuid() });

export function timerRoutes(app: FastifyInstance, { db }: { db: Database }): void {
  serve(app, schedulerApi.listTimers, async ({ caller, query }) => {
    const { limit, cursor, ...filter } = query;
    const after = cursor === undefined ? undefined : decodeCursor(position, cursor);
    if (after === null) throw new AppError('bad_request', 'The cursor is not one of ours');
    const [rows] = await readTenant(db, caller.tenantId, (tx) => [
      selectTimers(tx, caller.tenantId, { ...filter, after }, limit + 1),
    ]);
    const { items, nextCursor } = keysetPage(rows, limit, ({ fireAt, id }) => ({ fireAt, id }));
    return { items: items.map(timerView), nextCursor };
  });
}

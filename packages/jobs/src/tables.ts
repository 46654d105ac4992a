import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  jsonb,
  type PgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const JOB_STATES = ['scheduled', 'queued', 'running', 'done', 'dead'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The table of a service that runs jobs: `export const { jobs } = jobsTables(schema);` */
export function jobsTables<Name extends string>(schema: PgSchema<Name>) {
  return {
    /** `scheduled` until run_at → `queued` → `running` under a lease → `done`, or `dead`. */
    jobs: schema.table(
      'jobs',
      {
        tenantId: uuid('tenant_id').notNull(),
        id: uuid('id').notNull(),
        /** Of its definition. */
        name: text('name').notNull(),
        /** A second job with the name and key is not added while this row is kept. */
        key: text('key'),
        state: text('state', { enum: JOB_STATES }).notNull(),
        /** Higher goes first among the jobs of one tenant. */
        priority: smallint('priority').notNull().default(0),
        data: jsonb('data').notNull(),
        /** What the job last said of its progress. */
        progress: jsonb('progress'),
        /** Not before; of a running job, the end of its lease. */
        runAt: time('run_at').notNull(),
        /** Number of the latest claim: only its holder may write the result. */
        claim: integer('claim').notNull().default(0),
        /** Tries that failed. */
        tries: integer('tries').notNull().default(0),
        /** Leases in a row that ran out: what kills its process again and again is given up. */
        lost: integer('lost').notNull().default(0),
        lastError: text('last_error'),
        traceparent: text('traceparent'),
        createdAt: time('created_at').notNull().defaultNow(),
        endedAt: time('ended_at'),
      },
      (t) => [
        primaryKey({ columns: [t.tenantId, t.id] }),
        uniqueIndex('jobs_key').on(t.tenantId, t.name, t.key).where(sql`${t.key} is not null`),
        // The first jobs of each tenant, without a look at what is not due.
        index('jobs_queued')
          .on(t.name, t.tenantId, t.priority.desc().nullsFirst(), t.runAt)
          .where(sql`${t.state} = 'queued'`),
        index('jobs_due').on(t.name, t.runAt).where(sql`${t.state} in ('scheduled', 'running')`),
        index('jobs_dead').on(t.name, t.endedAt).where(sql`${t.state} = 'dead'`),
        index('jobs_done').on(t.name, t.endedAt).where(sql`${t.state} = 'done'`),
      ],
    ),
  };
}

export type JobTableRow = ReturnType<typeof jobsTables<string>>['jobs']['$inferSelect'];

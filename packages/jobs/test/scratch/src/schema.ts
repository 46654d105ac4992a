import { pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import { jobsTables } from '../../../src/tables.ts';

/** A service's schema for the tests of this package. */
export const schema = pgSchema('scratch_jobs');

/** What the jobs of the tests wrote. */
export const results = schema.table('results', {
  id: uuid('id').primaryKey().defaultRandom(),
  tenantId: uuid('tenant_id').notNull(),
  text: text('text').notNull(),
});

export const { jobs } = jobsTables(schema);

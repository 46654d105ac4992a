import { customType, pgSchema, timestamp } from 'drizzle-orm/pg-core';

export const schema = pgSchema('identity');

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** Milliseconds, as JSON shows them: a time read back equals the time written. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

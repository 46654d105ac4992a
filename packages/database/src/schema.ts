import { pgSchema } from 'drizzle-orm/pg-core';
import { tenantsTable, usersTable } from './tables.ts';

// For columns() alone: a service has these tables in its own schema, which its role finds first.
const anySchema = pgSchema('any');
export const tenants = tenantsTable(anySchema);
export const users = usersTable(anySchema);

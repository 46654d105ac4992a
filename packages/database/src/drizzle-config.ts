import type { Config } from 'drizzle-kit';

/**
 * What every service's `drizzle.config.ts` exports: `export default drizzleConfig('conversation')`.
 * Paths count from the project's root, where drizzle-kit is run.
 */
export function drizzleConfig(service: string): Config {
  return {
    dialect: 'postgresql',
    schema: `./services/${service}/src/schema.ts`,
    out: `./services/${service}/migrations`,
  };
}

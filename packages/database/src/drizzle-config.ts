import type { Config } from 'drizzle-kit';

/**
 * What every service's `drizzle.config.ts` exports: `export default drizzleConfig('conversation')`.
 * Paths count from the project's root, where drizzle-kit is run; `folder` is for what is no service.
 */
export function drizzleConfig(service: string, folder = `./services/${service}`): Config {
  return {
    dialect: 'postgresql',
    schema: `${folder}/src/schema.ts`,
    out: `${folder}/migrations`,
  };
}

import type { Config } from 'drizzle-kit';

/**
 * For a service's `drizzle.config.ts`: `export default drizzleConfig('conversation')`. Paths start
 * at the project's root, where drizzle-kit runs. `folder` is for other packages.
 */
export function drizzleConfig(service: string, folder = `./services/${service}`): Config {
  return {
    dialect: 'postgresql',
    schema: `${folder}/src/schema.ts`,
    out: `${folder}/migrations`,
  };
}
